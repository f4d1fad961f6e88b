internal import CProcess
internal import Glibc
internal import SecretMemory

/// One run of a program, on a thread that may wait.
enum ProgramRun {
    static func run(_ path: String, _ input: WipedBytes, milliseconds: Int64, most: Int) -> OwnedProgram.Ending {
        var incoming: [Int32] = [-1, -1]
        var outgoing: [Int32] = [-1, -1]
        guard unsafe keyturn_pipe(&incoming) == 0 else { return .notStarted }
        guard unsafe keyturn_pipe(&outgoing) == 0 else {
            incoming.forEach { _ = close($0) }
            return .notStarted
        }
        var process: pid_t = 0
        let failure = unsafe keyturn_spawn(path, incoming[0], outgoing[1], &process)
        _ = close(incoming[0])
        _ = close(outgoing[1])
        defer { _ = close(outgoing[0]) }
        guard failure == 0 else {
            _ = close(incoming[1])
            return .notStarted
        }
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        let output = exchange(input, to: incoming[1], from: outgoing[0], deadline, most: most)
        var status: Int32 = 0
        if case .success = output, wait(process, &status, deadline) {
            _ = kill(-process, SIGKILL)
        } else {
            _ = kill(-process, SIGKILL)
            while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
            if case .failure(.tooMuch) = output { return .wroteTooMuch }
            return .timedOut
        }
        guard case .success(let bytes) = output else { return .timedOut }
        return .ended(keyturn_exit_code(status), bytes)
    }

    private enum Stop: Error {
        case late
        case tooMuch
    }

    /// Writes the input and reads the output until both have ended. Closes `input`.
    private static func exchange(
        _ bytes: WipedBytes, to input: Int32, from output: Int32, _ deadline: ContinuousClock.Instant, most: Int
    ) -> Result<WipedBytes, Stop> {
        var written = 0
        var isOpen = true
        defer { if isOpen { _ = close(input) } }
        var read: [UInt8] = []
        read.reserveCapacity(most + 4_096)
        defer { Sodium.wipe(&read) }
        var chunk = [UInt8](repeating: 0, count: 4_096)
        defer { Sodium.wipe(&chunk) }
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
        while true {
            if isOpen, written == bytes.count {
                _ = close(input)
                isOpen = false
            }
            var files = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? input : -1, events: Int16(POLLOUT), revents: 0),
            ]
            let left = milliseconds(until: deadline)
            guard left > 0 else { return .failure(.late) }
            guard unsafe poll(&files, 2, left) >= 0 || errno == EINTR else { return .failure(.late) }
            if files[1].revents != 0, isOpen {
                let count = bytes.withBytes { span in
                    unsafe span.withUnsafeBytes { buffer in
                        unsafe keyturn_write_quietly(
                            input, buffer.baseAddress?.advanced(by: written), buffer.count - written)
                    }
                }
                if count > 0 {
                    written += count
                } else if errno != EAGAIN, errno != EINTR {
                    // It does not want to read all; what it has to say counts.
                    written = bytes.count
                }
            }
            guard files[0].revents != 0 else { continue }
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(output, buffer.baseAddress, buffer.count)
            }
            if count == 0 { return .success(unsafe WipedBytes(copying: read.span.bytes)) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return .failure(.late)
            }
            guard read.count + count <= most else { return .failure(.tooMuch) }
            read.append(contentsOf: chunk[..<count])
        }
    }

    /// Waits for the process to end; false where it does not in time.
    private static func wait(_ process: pid_t, _ status: inout Int32, _ deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let ended = unsafe waitpid(process, &status, WNOHANG)
            if ended == process { return true }
            if ended < 0, errno != EINTR { return false }
            let left = milliseconds(until: deadline)
            guard left > 0 else { return false }
            _ = poll(nil, 0, min(left, 5))
        }
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: deadline).components
        return Int32(clamping: left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000)
    }
}
