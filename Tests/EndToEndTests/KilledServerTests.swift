import Foundation
import Synchronization
import TestThreads
import Testing

/// kill -9 under load, a hundred times. Each vault dies again and again, and four of them at a time, so that it takes no
/// longer than it has to; a key is derived at the least cost that a server takes.
@Suite(.blocks, .timeLimit(.minutes(20))) struct KilledServerTests {
    private static let vaults = 4
    private static let lives = 25

    @Test(
        "Killed a hundred times under load: the log verifies after each, and every change and read that was answered has its line"
    )
    func killed() throws {
        let failures = Mutex<[String]>([])
        let answered = Mutex(0)
        let threads = (0..<Self.vaults).map { vault in
            Thread {
                do {
                    let count = try Self.live(vault)
                    answered.withLock { $0 += count }
                } catch {
                    failures.withLock { $0.append("vault \(vault): \(error)") }
                }
            }
        }
        for thread in threads { thread.start() }
        while !threads.allSatisfy(\.isFinished) { usleep(20_000) }
        #expect(failures.withLock { $0 } == [])
        #expect(answered.withLock { $0 } >= Self.vaults * Self.lives)
    }

    /// All lives of one vault.
    ///
    /// - Returns: how many changes were acknowledged.
    private static func live(_ vault: Int) throws -> Int {
        let server = try TestServer()
        let isUp = { (try? server.request("GET", "/v1/status").status) == 200 }
        try server.start(answers: isUp)
        try server.initialize(["--memory-kib", "65536", "--iterations", "3", "--parallelism", "1"])
        var changes = 0
        for life in 0..<lives {
            let load = Load(server, name: "load/\(vault)-\(life)")
            // From the first answer to some way into the second hundred.
            load.run(until: 1 + (life * 37 + vault * 11) % 120)
            server.kill()
            try check(server, load)
            try server.start(answers: isUp)
            let opened = try server.request("POST", "/v1/seal:unseal", body: TestServer.passphrase)
            guard opened.status == 200 else { throw TestFailure("life \(life): \(opened.text)") }
            for path in load.stored.suffix(3) {
                let kept = try server.request("GET", "/v1/keys/\(path)")
                guard kept.status == 200 else { throw TestFailure("life \(life): \(path) is lost: \(kept.text)") }
            }
            changes += load.stored.count
        }
        let verified = try server.keyturn(["audit", "verify"])
        guard verified.code == 0 else { throw TestFailure(verified.output) }
        return changes
    }

    /// The log of a server that is dead.
    private static func check(_ server: TestServer, _ load: Load) throws {
        let verified = try server.keyturn(["audit", "verify", "--log", server.audit])
        guard verified.code == 0 else { throw TestFailure("\(load.name): \(verified.output)\(verified.errors)") }
        let log = try filesBeneath(server.audit).filter { $0.contains("/audit-") }.map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }.joined()
        let own = log.split(separator: "\n").filter { $0.contains("\"key\":\"\(load.name)") }
        let intents = own.filter { $0.contains("\"kind\":\"intent\"") && $0.contains("\"action\":\"write\"") }
        for path in load.stored where !intents.contains(where: { $0.contains("\"key\":\"\(path)\"") }) {
            throw TestFailure("\(path) was acknowledged and has no line")
        }
        let reads = own.filter { $0.contains("\"action\":\"retrieve\"") }.count
        guard reads >= load.reads else { throw TestFailure("\(load.reads) reads were answered, \(reads) have lines") }
    }

    /// Writers and readers, until the server is killed in the midst of them.
    private final class Load: Sendable {
        let name: String
        private let server: TestServer
        private let done = Mutex<(stored: [String], reads: Int)>(([], 0))
        var stored: [String] { done.withLock { $0.stored } }
        var reads: Int { done.withLock { $0.reads } }

        init(_ server: TestServer, name: String) {
            self.server = server
            self.name = name
        }

        /// Kills the server at this answer.
        func run(until last: Int) {
            let threads = (0..<3).map { number in Thread { self.write(number, last) } }
            for thread in threads { thread.start() }
            while !threads.allSatisfy(\.isFinished) { usleep(2_000) }
        }

        private func write(_ thread: Int, _ last: Int) {
            for number in 0... {
                let path = "\(name)-\(thread)-\(number)"
                let put = try? server.request("PUT", "/v1/keys/\(path)", body: #"{"fields":{"value":"v"}}"#)
                guard put?.status == 201 else { return }
                let count = done.withLock { done in
                    done.stored.append(path)
                    return done.stored.count + done.reads
                }
                if count >= last {
                    kill(server.pid, SIGKILL)
                    return
                }
                guard (try? server.request("GET", "/v1/values/\(path)"))?.status == 200 else { return }
                done.withLock { $0.reads += 1 }
            }
        }
    }
}
