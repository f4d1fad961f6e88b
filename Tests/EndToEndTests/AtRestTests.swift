import Foundation
import TestThreads
import Testing

/// What a thief finds in the files of a stopped vault.
@Suite(.blocks, .timeLimit(.minutes(20))) struct AtRestTests {
    @Test("No path, name or value of a key is in any byte of the data folder")
    func nothingReadable() throws {
        let server = try TestServer.ready()
        let imported = try server.keyturn(["import", ShopFile.path, "--prefix", "shop", "--yes"])
        try #require(imported.code == 0, "\(imported.errors)")
        let named = try server.keyturn(
            [
                "edit", "shop/npm-token", "--name", "Marker of a name", "--description", "Marker of a description",
                "--provider", "Marker of a provider", "--tag", "marker-of-a-tag",
            ])
        try #require(named.code == 0, "\(named.errors)")
        #expect(
            try server.keyturn(["access", "create", "marker-of-an-access-key", "--policy", "administrator"]).code == 0)
        server.terminate()

        let values = try ShopFile.values(prefix: "shop")
        var markers = Array(values.keys) + values.values.filter { $0.utf8.count >= 8 }
        markers += ["Marker of a name", "Marker of a description", "Marker of a provider", "marker-of-a-tag"]
        markers += ["marker-of-an-access-key", TestServer.passphrase, server.accessKey, server.recoveryCode]
        let files = filesBeneath(server.data)
        #expect(files.contains { $0.hasSuffix("vault.db") })
        for file in files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            for marker in markers {
                #expect(bytes.range(of: Data(marker.utf8)) == nil, "a marker is in \(file)")
            }
        }
    }

    @Test("The audit log has every request and no secret")
    func auditHasNoSecret() throws {
        let server = try TestServer.ready()
        let imported = try server.keyturn(["import", ShopFile.path, "--prefix", "shop", "--yes"])
        try #require(imported.code == 0, "\(imported.errors)")
        #expect(try server.keyturn(["get", "shop/npm-token"]).code == 0)
        _ = try server.raw(
            Data(
                "GET /v1/values/shop%2fnpm-token HTTP/1.1\r\nHost: x\r\nX-Marker: a-secret-in-a-header\r\nConnection: close\r\n\r\n"
                    .utf8))
        _ = try server.request(
            "PUT", "/v1/keys/shop/npm-token", body: "{\"fields\":{\"value\":\"a-secret-in-a-bad-body\"")
        _ = try server.request("GET", "/v1/keys?query=a-secret-in-a-query&nonsense=a-secret-in-a-parameter")
        server.terminate()

        let log = try filesBeneath(server.audit).map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            .reduce(Data(), +)
        let text = String(decoding: log, as: UTF8.self)
        #expect(text.contains("shop/npm-token"))
        #expect(text.contains("\"retrieve\""))
        var secrets = try ShopFile.values(prefix: "shop").values.filter { $0.utf8.count >= 8 }
        secrets += [TestServer.passphrase, server.accessKey, server.recoveryCode, "a-secret-in-a"]
        for secret in secrets {
            #expect(!text.contains(secret), "a secret is in the audit log")
            #expect(!server.said.contains(secret), "a secret is in what the server says")
        }
    }

    @Test("Whatever the umask, files are for their owner alone")
    func modes() throws {
        let server = try TestServer()
        try server.start(umask: "000")
        try server.initialize()
        try server.put("demo/key", "some value")
        for folder in [server.data, server.audit] {
            #expect(try mode(folder) == 0o700, "\(folder)")
            let files = filesBeneath(folder)
            #expect(files.count >= 2)
            for file in files {
                // A draft may have got its name since.
                guard let mode = try? mode(file) else { continue }
                #expect(mode == 0o600, "\(file)")
            }
        }
        #expect(try mode(server.data + "/keyturn.sock") & 0o077 == 0)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
}
