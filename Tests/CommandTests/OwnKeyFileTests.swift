import Foundation
import KeyturnClient
import KeyturnTesting
import SecretMemory
import Testing
import VaultAPI

@testable import keyturn

@Suite("The file of a program's access key", .timeLimit(.minutes(20)))
struct OwnKeyFileTests {
    /// A folder with a key file for one test.
    private final class Place: Sendable {
        let folder = "/tmp/keyturn-own-\(UUID().uuidString.prefix(8))"
        var file: AccessKeyFile { AccessKeyFile(path: folder + "/key") }
        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

        init() throws {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func write(_ key: String) throws {
            try Data((key + "\n").utf8).write(to: URL(fileURLWithPath: file.path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
    }

    @Test("A key is not rolled where nothing can be put into the place of its file")
    func noPlace() async throws {
        let place = try Place()
        try await KeyturnTestVault.run(policies: OwnKeyTests.policies) { test in
            try await test.put("shop/token", "one")
            let settings = try await test.settings(policies: ["stays"], lifetime: "100d")
            let before = settings.accessKey?.disclosedText() ?? ""
            try place.write(before)
            let vault = try KeyturnVault(settings)
            let plan = RunPlan(variables: [try EnvBinding("A=shop/token")])
            // The same file by a name in a folder where not even root can make one.
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: place.file.path))
            let fixed = AccessKeyFile(path: "/proc/self/fd/\(handle.fileDescriptor)")
            #expect(try fixed.read() == before)
            test.advance(by: .seconds(95 * 86_400))
            _ = try await Provision(vault: vault, plan: plan, keyFile: fixed).fetch()
            #expect(vault.accessKeyExpires != nil)
            #expect(vault.accessKey?.disclosedText() == before)
            // Nor has the vault rolled it: that happens once.
            let wasRolled = await Provision(vault: vault, plan: plan, keyFile: place.file).rollOwnKey()
            #expect(wasRolled)
            let after = try place.file.read()
            #expect(after != before && after == vault.accessKey?.disclosedText())
            #expect(place.names == ["key"])
            try handle.close()
            await vault.close()
        }
    }

    @Test("A file that is a mount of its own is told from others")
    func mounts() {
        let table = """
            29 1 0:26 / /run rw,nosuid - tmpfs tmpfs rw
            36 29 98:0 /keys/shop /run/secrets/key rw,noatime master:1 - ext4 /dev/root rw

            37
            """
        for path in ["/run/secrets", "/run/secrets/key2", "/run/secrets/ke", "/keys/shop", "/dev/root", "", "rw"] {
            #expect(!AccessKeyFile.isMountPoint(path, in: table), "\(path)")
        }
        #expect(!AccessKeyFile.isMountPoint("/run/secrets/key", in: ""))
        #expect(AccessKeyFile.isMountPoint("/run/secrets/key", in: table))
    }

    @Test("A rehearsal names what is in the way, leaves the file as it is, and leaves nothing beside it")
    func rehearsal() throws {
        let place = try Place()
        try place.write("keyturn_before")
        try place.file.rehearse(size: 40)
        #expect(place.names == ["key"])
        #expect(try place.file.read() == "keyturn_before")
        let failure = #expect(throws: Failure.self) {
            try AccessKeyFile(path: place.folder + "/none/key").rehearse(size: 40)
        }
        #expect(failure?.sentence.contains(place.folder + "/none/") == true)
    }

    @Test(
        "A key that was rolled is honoured to its own end, a day at least and 400 days at most",
        arguments: [
            (-1000, "86400s"), (0, "86400s"), (86_400_000, "86400s"), (86_400_001, "86401s"),
            (14 * 86_400_000, "1209600s"), (400 * 86_400_000, "34560000s"), (500 * 86_400_000, "34560000s"),
        ] as [(Int64, String)])
    func overlap(left: Int64, text: String) {
        let now: Int64 = 1_800_000_000_123
        #expect(Provision.overlap(until: Timestamp(milliseconds: now + left), now: now) == text)
    }

    /// A program that presents a successor which could not be written.
    private static func program(_ file: AccessKeyFile) throws -> Provision {
        let address = try KeyturnAddress("http://127.0.0.1:1")
        let vault = try KeyturnVault(KeyturnSettings(address: address, accessKey: "keyturn_after"))
        let provision = Provision(vault: vault, plan: RunPlan(), keyFile: file)
        provision.ownKey.keep(WipedBytes(utf8: "keyturn_after"), inPlaceOf: WipedBytes(utf8: "keyturn_before"))
        return provision
    }

    @Test("While a successor is not in its file, the key before it is not taken for a new one")
    func predecessor() async throws {
        let place = try Place()
        try place.write("keyturn_before")
        let program = try Self.program(place.file)
        #expect(try !program.takeNewKey())
        #expect(program.vault.accessKey?.disclosedText() == "keyturn_after")
        await program.vault.close()
    }

    @Test("A key that somebody else has put into the file stays there, and is presented instead of the successor")
    func replaced() async throws {
        let place = try Place()
        try place.write("keyturn_other")
        let program = try Self.program(place.file)
        let wasDone = await program.rollOwnKey()
        #expect(wasDone)
        #expect(try place.file.read() == "keyturn_other")
        #expect(program.vault.accessKey?.disclosedText() == "keyturn_other")
        #expect(program.ownKey.successor == nil)
        await program.vault.close()
    }

    @Test("A successor that could not be written is kept, and is written once it can be")
    func late() async throws {
        let place = try Place()
        let program = try Self.program(place.file)
        let early = await program.rollOwnKey()
        #expect(!early)
        #expect(program.ownKey.successor != nil && place.names.isEmpty)
        try place.write("keyturn_before")
        let late = await program.rollOwnKey()
        #expect(late)
        #expect(try place.file.read() == "keyturn_after")
        #expect(program.vault.accessKey?.disclosedText() == "keyturn_after")
        #expect(program.ownKey.successor == nil && place.names == ["key"])
        await program.vault.close()
    }
}
