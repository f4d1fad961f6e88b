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
        let argumentList = unsafe copies(arguments.map { Array($0.utf8) })
        let environmentList = unsafe copies(environment)
        state.restore()
        unsafe execve(program, argumentList, environmentList)
        let number = errno
        state.denyCoreFiles()
        switch number {
        case E2BIG: return Failure(.failed, "the values are larger than the environment of a program may be")
        case ENOEXEC: return Failure(.failed, "\(program) is neither a program nor a script with a first line `#!`")
        default: return Failure(.failed, "\(program) cannot be started: \(unsafe String(cString: strerror(number)))")
        }
    }

    /// C strings, and a null pointer at the end. They are never freed: the process ends or becomes another.
    private static func copies(_ texts: [[UInt8]]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
            for (offset, byte) in text.enumerated() { unsafe copy[offset] = CChar(bitPattern: byte) }
            unsafe copy[text.count] = 0
            unsafe list[index] = unsafe copy
        }
        unsafe list[texts.count] = nil
        return unsafe list
    }
}
