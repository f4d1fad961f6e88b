internal import CSupervision
internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// The files that hold keys for a program: in memory and not on a disk, for this user alone, gone at the end.
struct KeyFiles: Sendable {
    /// The variable that tells the program where the files are that were given by name.
    static let variable = "KEYTURN_FILES"

    /// The folder that was made for this run, where a target is given by name.
    var folder: String? { ownFolder?.path }
    private let ownFolder: KeyFolder?
    private let targets: [FileBinding.Target]

    /// Makes the folder, and removes those that runs of this user have left that were killed. Nothing is written yet.
    ///
    /// - Parameter environment: `RUNTIME_DIRECTORY` and `XDG_RUNTIME_DIR` may name the place for the folder, else it is
    ///   `/dev/shm`.
    /// - Throws: a failure where no place is in memory.
    init(_ targets: [FileBinding.Target], environment: [String: String]) throws(Failure) {
        self.targets = targets
        let needsFolder = targets.contains { if case .inOwnFolder = $0 { true } else { false } }
        ownFolder = needsFolder ? try Self.makeFolder(environment) : nil
    }

    /// Writes a file, or writes it anew: whoever opens it finds the value from before or this one.
    func write(_ bytes: WipedBytes, to target: FileBinding.Target) throws(Failure) {
        guard let path = path(target) else { return }
        try bytes.withBytes { (span) throws(Failure) in try PrivateFile.write(span, to: path, isDurable: false) }
    }

    /// Removes the files and the folder.
    func removeAll() {
        for target in targets {
            if let path = path(target) { PrivateFile.remove(path) }
        }
        ownFolder?.remove()
    }

    private func path(_ target: FileBinding.Target) -> String? {
        switch target {
        case .at(let path): path
        case .inOwnFolder(let name): folder.map { $0 + "/" + name }
        }
    }

    /// - Throws: a usage failure where the folder of a target is on a disk or open to others.
    static func check(_ targets: [FileBinding.Target]) throws(Failure) {
        for case .at(let path) in targets {
            let folder = AbsolutePath.folder(of: path)
            guard isInMemory(folder) else {
                throw .usage(
                    "--file: \(folder) is not a folder in memory (tmpfs), and a key does not belong on a disk",
                    hint: "give a name instead of a path: the file is then in the folder that KEYTURN_FILES names")
            }
            guard try !PrivateFile.isOpenToOthers(folder: folder) else {
                throw .usage("--file: others may write to \(folder)", hint: "give a name instead of a path")
            }
        }
    }

    private static func makeFolder(_ environment: [String: String]) throws(Failure) -> KeyFolder {
        let given = ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"].compactMap { name in
            environment[name].flatMap { $0.split(separator: ":").first.map(String.init) }
        }
        let places = (given + ["/dev/shm"]).filter { $0.hasPrefix("/") && isInMemory($0) }
        for place in places { KeyFolder.sweep(place) }
        for place in places {
            if let folder = KeyFolder(in: place) { return folder }
        }
        throw Failure(
            .failed, "there is no folder in memory (tmpfs) for the files of --file",
            hints: ["set XDG_RUNTIME_DIR, or RuntimeDirectory= of the unit, or give the program a /dev/shm"])
    }

    private static func isInMemory(_ folder: String) -> Bool {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return keyturn_is_in_memory(descriptor) != 0
    }
}
