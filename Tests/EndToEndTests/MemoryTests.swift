import Foundation
import Sealing
import SecretMemory
import TestThreads
import Testing

/// What a reader of the process's memory finds. Root alone can read it: the process is closed to its own user.
@Suite(.blocks, .timeLimit(.minutes(20))) struct MemoryTests {
    @Test("After seal, no key and no part of the passphrase is in memory; while unsealed, the root key is")
    func sealWipes() throws {
        try #require(getuid() == 0, "these tests are run as root")
        let server = try TestServer.ready()
        let imported = try server.keyturn(["import", ShopFile.path, "--prefix", "shop", "--yes"])
        try #require(imported.code == 0, "\(imported.errors)")
        let values = try ShopFile.values(prefix: "shop").values.filter { $0.utf8.count >= 16 }
        for path in try ShopFile.values(prefix: "shop").keys { #expect(try server.keyturn(["get", path]).code == 0) }
        _ = try server.request("GET", "/v1/values/shop/stripe-secret-key")
        _ = try server.request(
            "PUT", "/v1/keys/shop/over-http",
            body: "{\"fields\":{\"value\":\"a-value-that-came-over-http\"},\"description\":\"a-text-of-a-head\"}")
        #expect(try server.keyturn(["list", "--query", "Text-of-a-Head"]).output.contains("shop/over-http"))

        // Stays open through the seal, and remembers what was asked.
        let kept = try KeptConnection(port: server.port)
        for _ in 0..<3 {
            #expect(try kept.get("/v1/values/shop/stripe-secret-key", key: server.accessKey).contains("200 OK"))
        }

        let root = try rootKey(of: server)
        let memory = ProcessMemory(pid: server.pid)
        let description = Data("a-text-of-a-head".utf8)
        #expect(try memory.find([root, description]) == [root, description], "the search finds what is there")

        #expect(try server.keyturn(["seal"]).code == 0)
        let middle = Data(TestServer.passphrase.utf8.dropFirst(8).prefix(12))
        let key = Data(server.accessKey.utf8.dropFirst(24).prefix(24))
        var markers = values.map { Data($0.utf8) } + [root, middle, key, description]
        markers.append(Data("a-value-that-came-over-http".utf8))
        let left = try memory.find(markers)
        #expect(left.isEmpty, "\(left.count) of \(markers.count) are still in memory")
        if left.contains(root) { Issue.record("the root key is still in memory") }
        if left.contains(middle) { Issue.record("the middle of the passphrase is still in memory") }
        if left.contains(key) { Issue.record("the access key is still in memory") }
        withExtendedLifetime(kept) {}
    }

    @Test("A crash writes no core file, and the process says that it may not be dumped")
    func noCore() throws {
        let server = try TestServer.ready()
        let status = try String(contentsOfFile: "/proc/\(server.pid)/limits", encoding: .utf8)
        let core = try #require(status.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.contains(" 0 "))
        let ended = try #require(server.waitForEnd(after: SIGABRT))
        #expect(ended.reason == .uncaughtSignal)
        let left = filesBeneath(server.folder.path).filter { ($0 as NSString).lastPathComponent.hasPrefix("core") }
        #expect(left.isEmpty)
    }

    /// The root key, found the way that a reader of docs/format.md finds it: from a copy of the store and the passphrase.
    private func rootKey(of server: TestServer) throws -> Data {
        let copy = server.folder.path + "/copy.db"
        let copied = try run(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3,sys\na=sqlite3.connect('file:'+sys.argv[1]+'?mode=ro',uri=True)\nprint(a.execute('select bytes from record where key=?',(b'\\x01'+bytes(32),)).fetchone()[0].hex())",
                server.data + "/vault.db",
            ])
        try #require(copied.code == 0, "\(copied.errors) \(copy)")
        let hex = copied.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { offset -> UInt8? in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
        let slot = try Slot(decoding: bytes)
        let passphrase = try SecretBytes(copying: Array(TestServer.passphrase.utf8).span.bytes)
        let opened = try slot.open(passphrase) { nil }
        return opened.root.withBytes { bytes in bytes.withUnsafeBytes { Data($0) } }
    }
}
