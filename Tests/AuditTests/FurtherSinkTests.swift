import Foundation
import Synchronization
import TestThreads
import Testing

@testable import Audit

@Suite("Further sinks beside the file", .blocks) struct FurtherSinkTests {
    let folder = TemporaryFolder()
    private var path: String { folder.path + "/collector" }

    /// A clock that stands still until it is moved.
    private final class Clock: Sendable {
        let time = Mutex<Int64>(1000)
        func move(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
        var now: @Sendable () -> Int64 { { self.time.withLock { $0 } } }
    }

    private func sink(
        _ further: [FurtherSink], clock: Clock? = nil, _ change: (inout ForwardQueue.Limits) -> Void = { _ in }
    ) throws -> FileAuditSink {
        var limits = ForwardQueue.Limits()
        change(&limits)
        return try FileAuditSink(
            try SystemLogFolder(folder.log, owned: true), settings: .bare, further: further, limits: limits,
            now: clock?.now ?? steadyMilliseconds)
    }

    private func socket(_ need: FurtherSink.Need) -> [FurtherSink] { [FurtherSink(.socket(path: path), need)] }
    private func syslog(_ need: FurtherSink.Need) -> [FurtherSink] { [FurtherSink(.syslog(path: path), need)] }

    private func health(_ sink: FileAuditSink) throws -> FurtherHealth { try #require(sink.health.further.first) }

    private func spin(_ what: Comment, _ holds: () -> Bool) {
        let deadline = steadyMilliseconds() + 60_000
        var isTrue = holds()
        while !isTrue, steadyMilliseconds() < deadline {
            sched_yield()
            isTrue = holds()
        }
        #expect(isTrue, what)
    }

    // MARK: Mandatory

    @Test("An entry is refused where nothing listens for a mandatory sink, and the error names the sink and the reason")
    func nobody() throws {
        let clock = Clock()
        let sink = try sink(socket(.mandatory), clock: clock)
        let refused = Mutex<AuditError?>(nil)
        let answered = DispatchSemaphore(value: 0)
        sink.append(.read(), durability: .written) { result in
            if case .failure(let error) = result { refused.withLock { $0 = error } }
            answered.signal()
        }
        spin("the line is in the file") { sink.head.sequence == 1 }
        clock.move(1000)
        answered.wait()
        let error = try #require(refused.withLock { $0 })
        #expect(error == AuditError(sink: "socket", .unreachable, isWritten: true))
        #expect("\(error)" == "audit sink socket: nobody listens at the sink's socket; start the program that does")
        #expect(error.mayBeWritten)
        // Afterwards at once, and nothing is written that is not answered.
        for durability in [AuditDurability.written, .synced] {
            let again = #expect(throws: AuditError.self) { try sink.append(.read(), durability: durability) }
            #expect(again == AuditError(sink: "socket", .unreachable) && again?.mayBeWritten == false)
        }
        #expect(throws: AuditError(sink: "socket", .unreachable)) {
            for result in sink.append([AuditSubmission(entry: .read(), mayUseReserve: true)]) { _ = try result.get() }
        }
        #expect(sink.head.sequence == 1)
        #expect(try health(sink).isRefusing && health(sink).failure == .unreachable && !health(sink).isUp)
        #expect(sink.health.failure == nil)
    }

    @Test("A sink whose first attempt has not been made when its second is over says why it refuses")
    func unattempted() throws {
        let clock = Clock()
        let forwarder = Forwarder(FurtherSink(.socket(path: path), .mandatory), now: clock.now)
        #expect(!forwarder.health.isRefusing && forwarder.health.failure == nil)
        clock.move(1000)
        #expect(forwarder.health.isRefusing && forwarder.health.failure == .unreachable)
        #expect(forwarder.refusal == AuditError(sink: "socket", .unreachable))
    }

    @Test("What nobody waits for is written all the same, and given to the sink when it is there")
    func noted() throws {
        let clock = Clock()
        let sink = try sink(socket(.mandatory), clock: clock)
        clock.move(1000)
        for number in 1...3 {
            #expect(try sink.append(.read("noted/\(number)"), durability: .noted).sequence == UInt64(number))
        }
        #expect(throws: AuditError(sink: "socket", .unreachable)) { try sink.append(.read()) }
        let listener = try LocalListener(path, .stream)
        clock.move(1000)
        spin("it is connected") { (try? sink.append(.read())) != nil }
        let lines = listener.next(4)
        #expect(lines == Array(folder.lines.dropFirst()) && lines.count == 4)
        #expect(
            try health(sink)
                == FurtherHealth(
                    name: "socket", need: .mandatory, isUp: true, waiting: 0, taken: 4, dropped: 0, failure: nil,
                    isRefusing: false))
    }

    @Test("A sink that is restarted within a second refuses nothing: its lines are whole, and none is missing")
    func restarted() throws {
        let clock = Clock()
        var listener = try LocalListener(path, .stream)
        let sink = try sink(socket(.mandatory), clock: clock)
        try sink.append(.read())
        #expect(listener.next() == folder.lines.last)
        listener.close()
        let answered = DispatchSemaphore(value: 0)
        let result = Mutex<Result<AuditReceipt, AuditError>?>(nil)
        sink.append(.read("while/away"), durability: .synced) { outcome in
            result.withLock { $0 = outcome }
            answered.signal()
        }
        spin("the connection is lost") { (try? health(sink).failure) == .unreachable }
        clock.move(500)
        listener = try LocalListener(path, .stream)
        clock.move(499)
        answered.wait()
        #expect(try result.withLock { $0 }?.get().sequence == 2)
        #expect(listener.next() == folder.lines.last)
        #expect(try health(sink).dropped == 0)
    }

    @Test("A program that does not read refuses in bounded time, and when it reads again it has every line once")
    func stuck() throws {
        let clock = Clock()
        let listener = try LocalListener(path, .stream)
        let sink = try sink(socket(.mandatory), clock: clock)
        listener.accept()
        // As much as the system keeps for it.
        let full = DispatchSemaphore(value: 0)
        let results = Mutex<[AuditError]>([])
        for _ in 0..<4000 {
            sink.append(.read(), durability: .written) { result in
                if case .failure(let error) = result { results.withLock { $0.append(error) } }
                full.signal()
            }
        }
        spin("all is in the file") { sink.head.sequence == 4000 }
        spin("it takes no more") { (try? health(sink)).map { $0.waiting > 0 && $0.waiting < 4000 } ?? false }
        while try !health(sink).isRefusing {
            clock.move(100)
            sched_yield()
        }
        for _ in 0..<4000 { full.wait() }
        let refused = results.withLock { $0 }
        #expect(!refused.isEmpty && refused.allSatisfy { $0 == AuditError(sink: "socket", .blocked, isWritten: true) })
        #expect(throws: AuditError(sink: "socket", .blocked)) { try sink.append(.read()) }
        #expect(sink.head.sequence == 4000)
        let lines = listener.next(4000)
        #expect(lines == Array(folder.lines.dropFirst()))
        spin("it takes lines again") { (try? sink.append(.read())) != nil }
        #expect(listener.next() == folder.lines.last)
    }

    @Test("A connection that ends in the middle of a line is made again, and the line is sent whole")
    func middle() throws {
        let clock = Clock()
        let listener = try LocalListener(path, .stream)
        let sink = try sink(socket(.bestEffort), clock: clock)
        listener.accept()
        for _ in 0..<4000 { try sink.append(.read()) }
        spin("it takes no more") { (try? health(sink)).map { $0.waiting > 0 && $0.waiting < 4000 } ?? false }
        let before = listener.next(10)
        listener.hangUp()
        let first = Int(try #require(UInt64(before[9].dropFirst(7).prefix { $0.isNumber })))
        listener.accept()
        // What the one connection had taken and not read is lost to it. The next begins with a whole line.
        let next = try #require(listener.next())
        let sequence = Int(try #require(UInt64(next.dropFirst(7).prefix { $0.isNumber })))
        #expect(next.hasPrefix("{\"seq\":") && sequence > first)
        #expect([next] + listener.next(4000 - sequence) == Array(folder.lines.dropFirst(sequence)))
    }

    @Test("With two mandatory sinks an entry waits for both")
    func both() throws {
        let clock = Clock()
        let collector = try LocalListener(path, .stream)
        let system = try LocalListener(folder.path + "/log", .datagram)
        let sink = try sink(
            socket(.mandatory) + [FurtherSink(.syslog(path: system.path), .mandatory)], clock: clock)
        try sink.append(.read())
        let line = try #require(folder.lines.last)
        #expect(collector.next() == line)
        #expect(system.next()?.hasSuffix(" keyturn \(getpid()) audit - \(line)") == true)
        system.close()
        unlink(system.path)
        let answered = DispatchSemaphore(value: 0)
        let error = Mutex<AuditError?>(nil)
        sink.append(.read(), durability: .written) { result in
            if case .failure(let reason) = result { error.withLock { $0 = reason } }
            answered.signal()
        }
        #expect(collector.next() == folder.lines.last)
        spin("the connection is lost") { sink.health.further[1].failure == .unreachable }
        clock.move(1000)
        answered.wait()
        #expect(error.withLock { $0 } == AuditError(sink: "syslog", .unreachable, isWritten: true))
        #expect(!sink.health.further[0].isRefusing && sink.health.further[1].isRefusing)
    }

    // MARK: Best effort

    @Test("A best-effort sink that is away costs nothing but its lines, which are counted")
    func dropped() throws {
        let clock = Clock()
        let sink = try sink(socket(.bestEffort), clock: clock) { $0.lines = 10 }
        for _ in 0..<25 { try sink.append(.read()) }
        #expect(try health(sink).dropped == 15 && health(sink).waiting == 10 && !health(sink).isRefusing)
        let listener = try LocalListener(path, .stream)
        clock.move(1000)
        #expect(listener.next(10) == Array(folder.lines[1...10]))
        spin("all is counted") { (try? health(sink).taken) == 10 }
        try sink.append(.read())
        #expect(listener.next() == folder.lines.last)
        #expect(try health(sink).isUp && health(sink).failure == nil && health(sink).dropped == 15)
    }

    @Test("A program that has gone is noticed though there is nothing to send")
    func gone() throws {
        let listener = try LocalListener(path, .stream)
        let sink = try sink(socket(.bestEffort))
        try sink.append(.read())
        #expect(listener.next() != nil)
        listener.close()
        spin("it is noticed") { (try? health(sink).isUp) == false }
    }

    @Test("A file, a folder, a socket that others own and a path that is too long are no sinks, and say so")
    func wrongPlaces() throws {
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        for (place, reason) in [
            ("/file", .unreachable), ("/none", .unreachable), ("/", .unreachable), ("/file/x", .unreachable),
            ("/" + String(repeating: "x", count: 120), .inputOutput),
        ] as [(String, AuditError.Reason)] {
            for target in [FurtherSink.Target.socket(path: folder.path + place), .syslog(path: folder.path + place)] {
                #expect(SinkSocket(FurtherSink(target, .mandatory)).connect() == reason, "\(place)")
            }
        }
    }

    // MARK: The system's log

    @Test("The system's log gets messages of RFC 5424, with datagrams and over a stream")
    func syslogMessages() throws {
        for kind in [LocalListener.Kind.datagram, .stream] {
            let listener = try LocalListener(path, kind)
            try? FileManager.default.removeItem(atPath: folder.log)
            let sink = try sink(syslog(.mandatory), clock: Clock())
            try sink.append(.read())
            var refused = AuditEntry.read()
            refused.outcome = .refused
            try sink.append(refused, durability: .synced)
            let lines = folder.lines.dropFirst()
            let host = SyslogMessage.hostName
            let expected = zip(["<85>", "<84>"], lines).map { priority, line in
                "\(priority)1 2026-11-21T03:29:07.000Z \(host) keyturn \(getpid()) audit - \(line)"
            }
            #expect(listener.next(2) == expected)
            sink.close()
            listener.close()
        }
    }

    @Test("A machine without a name, or with one that is none, is written as the RFC wants it")
    func hostNames() {
        let line = ForwardQueue.Line(sequence: 1, time: someTime, isAllowed: true, bytes: Array("{}".utf8))
        for (host, written) in [
            ("", "-"), ("two words\n", "twowords"), ("zo\u{eb}", "zo"),
            (String(repeating: "h", count: 300), String(repeating: "h", count: 255)),
        ] {
            let message = SyslogMessage(host: host, process: 7).bytes(of: line)
            #expect(
                String(decoding: message, as: UTF8.self)
                    == "<85>1 2026-11-21T03:29:07.000Z \(written) keyturn 7 audit - {}")
        }
    }

    @Test("A system's log that does not read is waited for and refuses in bounded time; then every message is there")
    func fullDatagrams() throws {
        let clock = Clock()
        let listener = try LocalListener(path, .datagram)
        let sink = try sink(syslog(.mandatory), clock: clock)
        let answers = DispatchSemaphore(value: 0)
        for _ in 0..<2000 { sink.append(.read(), durability: .written) { _ in answers.signal() } }
        spin("all is in the file") { sink.head.sequence == 2000 }
        spin("it takes no more") { (try? health(sink)).map { $0.waiting > 0 && $0.waiting < 2000 } ?? false }
        while try !health(sink).isRefusing {
            clock.move(100)
            sched_yield()
        }
        for _ in 0..<2000 { answers.wait() }
        #expect(throws: AuditError(sink: "syslog", .blocked)) { try sink.append(.read()) }
        let messages = listener.next(2000)
        #expect(zip(messages, folder.lines.dropFirst()).allSatisfy { $0.hasSuffix($1) } && messages.count == 2000)
        spin("it takes messages again") { (try? sink.append(.read())) != nil }
    }

    // MARK: The lines

    @Test("What waits when the log is closed is given to the sink still")
    func close() throws {
        let listener = try LocalListener(path, .stream)
        let sink = try sink(socket(.bestEffort), clock: Clock())
        for _ in 0..<500 { sink.append(.read(), durability: .noted) { _ in } }
        sink.close()
        #expect(listener.next(500) == Array(folder.lines.dropFirst()))
        #expect(try health(sink).dropped == 0)
    }

    @Test("The lines of several threads come in the order of the chain, each once, through a change of files")
    func order() throws {
        let listener = try LocalListener(path, .stream)
        var settings = AuditSettings.small
        settings.fileBytes = 20_000
        let sink = try FileAuditSink(
            try SystemLogFolder(folder.log, owned: true), settings: settings, further: socket(.mandatory),
            now: Clock().now)
        let received = Mutex<[String]>([])
        let reader = Thread { received.withLock { $0 = listener.next(800) } }
        reader.start()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<200 {
                _ = try? sink.append(.read("thread/\(thread)"), durability: number % 20 == 0 ? .synced : .written)
            }
        }
        spin("all were received") { reader.isFinished }
        #expect(received.withLock { $0 } == folder.lines.filter { $0.hasPrefix("{\"seq\":") })
        #expect(folder.files.count > 1)
        #expect(try AuditVerifier(folder: folder.log).verify(against: [sink.head]).finding == nil)
    }
}
