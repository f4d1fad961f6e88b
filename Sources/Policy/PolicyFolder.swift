internal import Glibc

/// Reads the policy files of one folder.
package enum PolicyFolder {
    /// The most bytes of one file.
    package static let largestFile = 1 << 20
    /// The most bytes of all files together.
    package static let largestFolder = 16 << 20
    /// The most policy files.
    package static let mostFiles = 1_000

    /// The files of the folder at `path` whose names end in `.yaml` or `.yml`, in whatever case, ordered by name:
    /// ready for ``PolicySet/load(files:)``.
    ///
    /// Folders inside it and names that begin with a dot are passed over. The folder and every file must not be
    /// writable to the group or to others, because who can write a policy can give away every key; and none may be
    /// a symbolic link, because then another folder's rights would decide. What was checked is what is read: each
    /// file is opened once.
    ///
    /// - Throws: ``PolicyFolderError``, with the file's name where it is about one.
    package static func read(_ path: String) throws(PolicyFolderError) -> [(name: String, text: String)] {
        // A slash at the end would make the system follow a symbolic link.
        let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
        let folder = try OpenFile(path: trimmed.isEmpty ? "/" : trimmed)
        try folder.check(isFolder: true, name: nil)
        let names = try folder.names().filter(isPolicy).sorted()
        guard names.count <= mostFiles else {
            throw PolicyFolderError(file: nil, reason: .tooManyFiles)
        }
        guard names.allSatisfy(isPrintable) else { throw PolicyFolderError(file: nil, reason: .strangeName) }
        var files: [(name: String, text: String)] = []
        var total = 0
        for name in names {
            let file = try OpenFile(name: name, in: folder)
            try file.check(isFolder: false, name: name)
            let bytes = try file.read(most: largestFile, name: name)
            total += bytes.count
            guard total <= largestFolder else { throw PolicyFolderError(file: nil, reason: .folderTooLarge) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw PolicyFolderError(file: name, reason: .notUTF8)
            }
            files.append((name, text))
        }
        return files
    }

    private static func isPolicy(_ name: String) -> Bool {
        let lower = name.lowercased()
        return !name.hasPrefix(".") && (lower.hasSuffix(".yaml") || lower.hasSuffix(".yml"))
    }

    /// Whether a name can be shown in a message; one that was not UTF-8 holds U+FFFD.
    private static func isPrintable(_ name: String) -> Bool {
        name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: scalar != "\u{fffd}"
            }
        }
    }
}

/// Why a folder of policies was not read.
package struct PolicyFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The system refused; its error number.
        case system(Int32)
        case symbolicLink
        case notAFolder
        case notAFile
        case writableToOthers(isFolder: Bool)
        case fileTooLarge
        case folderTooLarge
        case tooManyFiles
        case notUTF8
        case strangeName
    }

    /// The file's name inside the folder, or nil for the folder itself. Never holds control characters.
    package let file: String?
    package let reason: Reason

    package var description: String {
        "\(file ?? "the policy folder"): \(problem)"
    }

    private var problem: String {
        switch reason {
        case .system(let number): "cannot be read: \(unsafe String(cString: strerror(number)))"
        case .symbolicLink: "is a symbolic link; put the file itself there"
        case .notAFolder: "is no folder; name the folder that holds the policy files"
        case .notAFile: "is no regular file; only files may have names in .yaml and .yml"
        case .writableToOthers: "may be written by the group or by others; chmod go-w it"
        case .fileTooLarge: "is larger than 1 MiB; divide it"
        case .folderTooLarge: "holds more than 16 MiB of policies; use fewer and shorter ones"
        case .tooManyFiles: "holds more than \(PolicyFolder.mostFiles) policy files; use fewer"
        case .notUTF8: "is not UTF-8; save it as UTF-8 text"
        case .strangeName: "holds a policy file whose name is not printable; rename it"
        }
    }
}
