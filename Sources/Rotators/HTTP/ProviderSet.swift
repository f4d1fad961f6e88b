/// The provider files that are in force together.
package struct ProviderSet: Sendable {
    private let files: [String: ProviderFile]

    /// By name, in alphabetical order.
    package var all: [ProviderFile] { files.values.sorted { $0.name < $1.name } }

    package subscript(name: String) -> ProviderFile? { files[name] }

    /// Reads all files or none. Pure: the texts come in.
    ///
    /// - Throws: ``ProviderFileError`` with the first thing that is wrong.
    package init(files texts: [(name: String, text: String)]) throws(ProviderFileError) {
        var files: [String: ProviderFile] = [:]
        for (name, text) in texts.sorted(by: { $0.name < $1.name }) {
            let file = try ProviderFile(file: name, text: text)
            if let other = files.updateValue(file, forKey: file.name) {
                throw ProviderFileError(
                    file: name, line: 1, problem: "the provider `\(file.name)` is already defined in \(other.file)",
                    remedy: "give every provider a name of its own")
            }
        }
        self.files = files
    }
}
