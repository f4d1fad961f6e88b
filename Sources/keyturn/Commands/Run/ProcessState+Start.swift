internal import CSupervision
internal import Glibc
internal import VaultAPI

extension ProcessState {
    /// Starts a program as it would have been started without this one before it.
    ///
    /// - Parameters:
    ///   - arguments: from the name of the program on.
    ///   - environment: each `NAME=value`.
    /// - Throws: a failure that says why it cannot be started.
    func start(_ program: String, _ arguments: [String], _ environment: [[UInt8]]) throws(Failure) -> pid_t {
        let argumentList = CStrings(arguments.map { Array($0.utf8) })
        let environmentList = CStrings(environment)
        var child: pid_t = 0
        var failure: CInt = 0
        unsafe descriptors.withUnsafeBufferPointer { kept in
            var heritage = unsafe keyturn_heritage(
                ignores_broken_pipe: ignoresBrokenPipe ? 1 : 0,
                has_core_limit: coreLimit == nil ? 0 : 1, core_limit: coreLimit ?? 0, kept: kept.baseAddress,
                kept_count: kept.count)
            failure = unsafe keyturn_start_program(
                program, argumentList.pointers, environmentList.pointers, &heritage, &child)
        }
        argumentList.free()
        environmentList.free()
        guard failure == 0 else { throw Becoming.failure(program, failure) }
        return child
    }
}

/// C strings, with a null pointer after the last.
@safe struct CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let lengths: [Int]

    init(_ texts: [[UInt8]]) {
        unsafe pointers = .allocate(capacity: texts.count + 1)
        lengths = texts.map(\.count)
        for (index, text) in texts.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
            for (offset, byte) in text.enumerated() { unsafe copy[offset] = CChar(bitPattern: byte) }
            unsafe copy[text.count] = 0
            unsafe pointers[index] = unsafe copy
        }
        unsafe pointers[texts.count] = nil
    }

    /// Overwrites and gives back.
    func free() {
        for (index, length) in lengths.enumerated() {
            guard let text = unsafe pointers[index] else { continue }
            unsafe explicit_bzero(text, length)
            unsafe text.deallocate()
        }
        unsafe pointers.deallocate()
    }
}
