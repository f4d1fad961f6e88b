internal import Glibc
internal import VaultAPI

/// Finds a program as a shell does.
enum ProgramSearch {
    /// The path of `program`: itself where it holds a slash, else the first in the folders of `PATH` that can be run.
    ///
    /// - Parameter path: the variable `PATH`; without one, `/usr/local/bin:/usr/bin:/bin`.
    static func find(
        _ program: String, path: String?, isExecutable: (String) -> Bool = isExecutableFile
    ) throws(Failure) -> String {
        guard !program.isEmpty, !program.utf8.contains(0) else { throw .usage("the name of the program is empty") }
        if program.contains("/") {
            guard isExecutable(program) else {
                throw Failure(.failed, "\(program) is no program that this user may run")
            }
            return program
        }
        let folders = (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false)
        for folder in folders {
            let candidate = (folder.isEmpty ? "." : String(folder)) + "/" + program
            if isExecutable(candidate) { return candidate }
        }
        throw Failure(.failed, "\(program) is not found in PATH")
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var state = stat()
        guard unsafe stat(path, &state) == 0, state.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}
