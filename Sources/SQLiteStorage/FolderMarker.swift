package import Storage

/// The text file that says that a folder is a data folder of ours, and of which format.
package enum FolderMarker {
    package static let name = "keyturn.data"
    /// Written under this name first, so that the real one is there whole or not at all.
    static let draftName = "keyturn.data.new"
    package static let format = 1
    /// Far more than a marker of any format needs, in bytes.
    static let sizeLimit = 1024

    static let text = "keyturn data folder\nformat \(format)\n"

    /// Refuses anything but the marker of a format that this program knows.
    ///
    /// - Throws: ``StorageError/newerVersion(found:supported:)``, ``StorageError/notOurs(reason:)``.
    package static func check(_ text: String) throws(StorageError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == "keyturn data folder", lines[1].hasPrefix("format "),
            let found = Int(lines[1].dropFirst("format ".count)), found >= 1
        else { throw .notOurs(reason: "the file \(name) does not read as the marker of a data folder") }
        guard found <= format else { throw .newerVersion(found: found, supported: format) }
    }
}
