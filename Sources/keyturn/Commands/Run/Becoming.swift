internal import Glibc
internal import VaultAPI

/// Replaces this process with another program: same process id, nothing of ours left.
enum Becoming {
    /// Does not return where it succeeds.
    ///
    /// - Parameters:
    ///   - program: a path.
    ///   - arguments: from the name of the program on.
    ///   - environment: each `NAME=value`.
    ///   - state: what was found when this process started, to be put back first.
    static func become(
        _ program: String, arguments: [String], environment: [[UInt8]], state: ProcessState
    ) -> Failure {
        // Never given back: the process ends or becomes another.
        let argumentList = CStrings(arguments.map { Array($0.utf8) })
        let environmentList = CStrings(environment)
        state.restore()
        unsafe execve(program, argumentList.pointers, environmentList.pointers)
        let number = errno
        state.denyCoreFiles()
        return failure(program, number)
    }

    /// Why a program was not started, by the error number of `execve`.
    static func failure(_ program: String, _ number: CInt) -> Failure {
        switch number {
        case E2BIG: return Failure(.failed, "the values are larger than the environment of a program may be")
        case ENOEXEC: return Failure(.failed, "\(program) is neither a program nor a script with a first line `#!`")
        default: return Failure(.failed, "\(program) cannot be started: \(unsafe String(cString: strerror(number)))")
        }
    }
}
