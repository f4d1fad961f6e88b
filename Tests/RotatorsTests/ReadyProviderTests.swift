import FakeServer
import Outbound
import Rotation
import SecretMemory
import Testing

import Foundation

@testable import Rotators

/// Each ready provider file against a server that behaves as the provider's documentation says.
@Suite struct ReadyProviderTests {
    /// A fake provider, its server, and a rotator from the ready file with nothing but the host changed.
    private struct Scene: Sendable {
        let provider: FakeProvider
        let server: FakeServer
        let rotator: any Rotator
        var context = Sample.context

        init(_ shape: ProviderShape) async throws {
            let provider = FakeProvider(shape)
            self.provider = provider
            server = try await FakeServer { provider.answer($0) }
            let text = try ProviderFiles.text(shape.provider)
                .replacing(
                    /host: https:\S+/, with: "host: http://127.0.0.1:\(server.port)\nallow-private: true\ntime: 120s")
            let set = try ProviderSet(files: [("\(shape.provider).yaml", text)])
            var settings = shape.settings
            settings["provider"] = shape.provider
            if set[shape.provider]?.credentialFields.isEmpty == false { settings["credential"] = "ops/manager" }
            rotator = try HTTPRotatorKind(set).rotator(settings)
            context.current = Candidate(
                handle: "old1",
                fields: [Sample.field(shape.idField, "old1"), Sample.field("value", "old-value")])
            sign("manager-value")
        }

        /// Signs in the manager with `value`.
        mutating func sign(_ value: String) {
            context.others = ["ops/manager": [Sample.field("user", "manager"), Sample.field("value", value)]]
        }
    }

    @Test("A key is made, tested, listed and retired", arguments: ProviderShape.all)
    func life(shape: ProviderShape) async throws {
        let scene = try await Scene(shape)
        #expect(scene.rotator.capabilities.canList && scene.rotator.capabilities.marksAttempts)
        let candidate = try #require(await scene.rotator.create(scene.context).value)
        #expect(candidate.handle == "1001")
        #expect(candidate.field("value")?.disclosedText() == "new-value-1")
        #expect(scene.rotator.handle(of: candidate.fields) == "1001")
        #expect(await scene.rotator.test(candidate, scene.context).fault == nil)
        let list = try #require(await scene.rotator.list(scene.context).value)
        #expect(
            list == [
                ListedCredential(handle: "old1", origin: .another),
                ListedCredential(handle: "1001", origin: .thisAttempt),
            ])
        var after = scene.context
        after.current = candidate
        let old = Candidate(handle: "old1", fields: [])
        #expect(await scene.rotator.retire(old, after).fault == nil)
        #expect(await scene.rotator.retire(old, after).fault == nil, "gone already is done")
        #expect(scene.provider.ids == ["1001"])
        await scene.server.close()
    }

    @Test("A list of several pages is read to its end", arguments: ProviderShape.all)
    func pages(shape: ProviderShape) async throws {
        let scene = try await Scene(shape)
        scene.provider.crowd(1_100)
        _ = await scene.rotator.create(scene.context)
        let list = try #require(await scene.rotator.list(scene.context).value)
        #expect(list.count == 1_102 && Set(list.map(\.handle)).count == 1_102)
        #expect(list.last == ListedCredential(handle: "1001", origin: .thisAttempt))
        await scene.server.close()
    }

    @Test("A wrong credential is a refusal that no new candidate mends", arguments: ProviderShape.all)
    func unauthorized(shape: ProviderShape) async throws {
        var scene = try await Scene(shape)
        scene.sign("wrong")
        scene.context.current = Candidate(
            handle: "old1", fields: [Sample.field(shape.idField, "old1"), Sample.field("value", "wrong")])
        let expected = shape.refusal.status == 403 ? "rejected forbidden" : "rejected unauthorized"
        #expect(await scene.rotator.create(scene.context).fault == expected)
        #expect(await scene.rotator.list(scene.context).fault == expected)
        #expect(
            await scene.rotator.retire(Candidate(handle: "old1", fields: []), scene.context).fault == expected)
        #expect(scene.provider.ids == ["old1"])
        await scene.server.close()
    }

    // What becomes of the two keys is the machine's.
    @Test("A new key that does not work is refused once it had time to become known", arguments: ProviderShape.all)
    func badCandidate(shape: ProviderShape) async throws {
        let scene = try await Scene(shape)
        let candidate = Candidate(
            handle: "77", fields: [Sample.field(shape.idField, "77"), Sample.field("value", "nobody's")])
        var late = scene.context
        late.now += 3_600_000
        #expect(await scene.rotator.test(candidate, late).fault == "rejected test_failed, another")
        await scene.server.close()
    }

    @Test("A creation whose answer never came is found by its mark and taken away", arguments: ProviderShape.all)
    func silent(shape: ProviderShape) async throws {
        let scene = try await Scene(shape)
        scene.provider.become(.silent)
        #expect(await scene.rotator.create(scene.context).fault == "doubtful interrupted")
        scene.provider.become(.broken(afterEffect: true))
        #expect(await scene.rotator.create(scene.context).fault == "doubtful server_error")
        scene.provider.become(.good)
        let orphans = try #require(await scene.rotator.list(scene.context).value).filter { $0.origin == .thisAttempt }
        #expect(orphans.map(\.handle) == ["1001", "1002"])
        for orphan in orphans {
            #expect(
                await scene.rotator.retire(Candidate(handle: orphan.handle, fields: []), scene.context).fault == nil)
        }
        #expect(scene.provider.ids == ["old1"])
        await scene.server.close()
    }

    @Test(
        "500 is doubtful where there may be an effect; 429 is not done and says for how long",
        arguments: ProviderShape.all)
    func trouble(shape: ProviderShape) async throws {
        let scene = try await Scene(shape)
        let old = Candidate(handle: "old1", fields: scene.context.current?.fields ?? [])
        scene.provider.become(.broken(afterEffect: false))
        #expect(await scene.rotator.create(scene.context).fault == "doubtful server_error")
        #expect(await scene.rotator.test(old, scene.context).fault == "not done server_error")
        #expect(await scene.rotator.list(scene.context).fault == "not done server_error")
        #expect(await scene.rotator.retire(old, scene.context).fault == "doubtful server_error")
        scene.provider.become(.busy)
        #expect(await scene.rotator.create(scene.context).fault == "not done rate_limited 7000")
        #expect(await scene.rotator.test(old, scene.context).fault == "not done rate_limited 7000")
        #expect(await scene.rotator.list(scene.context).fault == "not done rate_limited 7000")
        #expect(await scene.rotator.retire(old, scene.context).fault == "not done rate_limited 7000")
        await scene.server.close()
    }

    @Test("All ready files load together, and each says where its API is documented")
    func together() throws {
        let set = try ProviderSet(files: ProviderFiles.all())
        #expect(set.all.map(\.name).sorted() == ProviderShape.all.map(\.provider).sorted())
        for file in set.all {
            #expect(file.documentation?.hasPrefix("https://") == true && file.description != nil)
            #expect(file.origin.isEncrypted && file.file == "\(file.name).yaml")
        }
    }
}

/// The files in policies/providers.
enum ProviderFiles {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "policies/providers")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
    }

    static func all() throws -> [(name: String, text: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".yaml") }.map {
            name in
            (name, try text(String(name.dropLast(5))))
        }
    }
}
