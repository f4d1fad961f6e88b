internal import Glibc
package import SecretMemory

/// A program of the operator's, that the server may start.
package struct OwnedProgram: Sendable, Equatable {
    /// Absolute.
    package let path: String

    package enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case notAbsolute
        case unreadable
        case notAProgram
        case owner
        case writable

        package var description: String {
            switch self {
            case .notAbsolute: "a program is named by an absolute path without .. in it"
            case .unreadable: "the program is not there"
            case .notAProgram: "it is no regular file that may be executed, and not a symbolic link"
            case .owner: "the program belongs to somebody else than root and the server's user"
            case .writable: "the program or its folder may be written by the group or by others"
            }
        }
    }

    /// Looks at the file, its owner and its folder.
    package init(_ path: String) throws(Problem) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard path.hasPrefix("/"), !parts.contains(".."), !path.utf8.contains(0), let name = parts.last else {
            throw .notAbsolute
        }
        self.path = path
        let folder = String(path.dropLast(name.count))
        try check()
        try Self.check(folder.isEmpty ? "/" : folder, isFolder: true)
    }

    /// Looks again, since a file can change between two runs.
    private func check() throws(Problem) { try Self.check(path, isFolder: false) }

    private static func check(_ path: String, isFolder: Bool) throws(Problem) {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 || (isFolder && (unsafe stat(path, &information)) == 0) else {
            throw .unreadable
        }
        let kind = information.st_mode & S_IFMT
        guard isFolder ? kind == S_IFDIR : kind == S_IFREG && information.st_mode & S_IXUSR != 0 else {
            throw .notAProgram
        }
        guard information.st_uid == 0 || information.st_uid == geteuid() else { throw .owner }
        // In a folder with the sticky bit, such as /tmp, others cannot replace what is not theirs.
        let isSticky = isFolder && information.st_mode & S_ISVTX != 0
        guard information.st_mode & (S_IWGRP | S_IWOTH) == 0 || isSticky else { throw .writable }
    }

    /// How a run ended.
    package enum Ending: Sendable {
        /// The exit code, or 128 and a signal's number; and what it wrote.
        case ended(Int32, WipedBytes)
        case timedOut
        case wroteTooMuch
        case notStarted
    }

    /// Runs the program with `input` and waits. It has no arguments, no environment, no other files, a process group of
    /// its own that is killed at the end, and its standard error goes nowhere.
    ///
    /// - Parameters:
    ///   - milliseconds: for all of it.
    ///   - most: bytes of output.
    package func run(_ input: WipedBytes, milliseconds: Int64, most: Int) async -> Ending {
        guard (try? check()) != nil else { return .notStarted }
        let path = path
        return await Blocking.run { ProgramRun.run(path, input, milliseconds: milliseconds, most: most) } ?? .notStarted
    }
}
