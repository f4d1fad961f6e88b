import Foundation
import SecretMemory
import Testing

@testable import Sealing

private let documents = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs")

@Suite("The format's page")
struct FormatTests {
    @Test("The page prints what the program seals, byte for byte")
    func page() throws {
        let vectors = try FormatVectors()
        let page = try String(contentsOf: documents.appending(path: "format.md"), encoding: .utf8)
        #expect(page.contains("```\n" + vectors.block + "```"), "expected:\n\(vectors.block)")
        #expect(page.contains(vectors.recoveryCode))
        #expect(page.contains(FormatVectors.passphrase))
        let store = try String(contentsOf: documents.appending(path: "format-vectors.json"), encoding: .utf8)
        #expect(store == vectors.json)
    }

    @Test("The page names every kind of record with its number")
    func kinds() throws {
        let page = try String(contentsOf: documents.appending(path: "format.md"), encoding: .utf8)
        for kind in RecordKind.allCases { #expect(page.contains("| \(kind.rawValue) | \(kind) |")) }
    }

    @Test("The page holds the messages as records.proto has them")
    func messages() throws {
        let page = try String(contentsOf: documents.appending(path: "format.md"), encoding: .utf8)
        let proto = try String(
            contentsOf: documents.appending(path: "../Sources/Sealing/records.proto"), encoding: .utf8)
        let messages = try #require(proto.range(of: "// ---- In the clear"))
        #expect(page.contains("```proto\n" + proto[messages.lowerBound...] + "```"))
    }
}

private let canRead = (try? runPython(["-c", "import nacl.bindings, argon2.low_level"]).status) == 0

private func runPython(_ arguments: [String]) throws -> (status: Int32, output: Data, error: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    let said = try error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, printed, String(decoding: said, as: UTF8.self))
}

@Suite(
    "A reader in another language, written from the page",
    .enabled(if: canRead, "needs Debian's python3-nacl and python3-argon2"))
struct ReaderTests {
    /// Runs the reader over a store and a passphrase.
    private func read(_ store: String, passphrase: String, slot: Int = 0) throws -> (
        status: Int32, output: Data, error: String
    ) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reader-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (storeFile, passphraseFile) = (folder.appending(path: "store.json"), folder.appending(path: "passphrase"))
        try Data(store.utf8).write(to: storeFile)
        try Data(passphrase.utf8).write(to: passphraseFile)
        let reader = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reader/read_store.py")
        return try runPython([
            reader.path, storeFile.path, "--passphrase-file", passphraseFile.path, "--slot", "\(slot)",
        ])
    }

    private struct Contents: Decodable, Equatable {
        struct Key: Decodable, Equatable {
            var path: String
            var versions: [Version]
        }
        struct Version: Decodable, Equatable {
            var number: Int
            var stage: String?
            var fields: [String: String]
        }
        var sums: String
        var keys: [Key]
    }

    private let expected = Contents(
        sums: "match",
        keys: [
            .init(
                path: "payments/stripe",
                versions: [
                    .init(number: 1, stage: "current", fields: ["value": "example-value-of-no-provider"])
                ]),
            .init(
                path: "shop/database",
                versions: [
                    .init(number: 1, stage: "previous", fields: ["user": "shop", "value": "schlüssel 🔑"]),
                    .init(number: 2, stage: "current", fields: ["user": "shop", "value": ""]),
                ]),
        ])

    @Test("It is refused with a wrong passphrase, and for a damaged slot, a record that was moved or removed")
    func refused() throws {
        let vectors = try FormatVectors()
        let wrong = try read(vectors.json, passphrase: "incorrect horse")
        #expect(wrong.status == 1)
        #expect(wrong.error.contains("passphrase"))
        let slotEnd = hex(Array(vectors.rows[0].bytes.suffix(4)))
        let damaged = try read(
            vectors.json.replacing(slotEnd, with: "00000000"), passphrase: FormatVectors.passphrase)
        #expect(damaged.status == 1)
        #expect(damaged.error.contains("damaged"))
        let version = hex(try #require(vectors.rows.first { $0.key[0] == 6 }).bytes)
        let other = hex(try #require(vectors.rows.last { $0.key[0] == 6 }).bytes)
        let moved = try read(vectors.json.replacing(version, with: other), passphrase: FormatVectors.passphrase)
        #expect(moved.status == 1)
        #expect(moved.error.contains("version"))
        let head = try #require(vectors.json.split(separator: "\n").first { $0.contains("\"04") })
        let removed = try read(
            vectors.json.replacing(head + "\n", with: ""), passphrase: FormatVectors.passphrase)
        #expect(removed.status == 1)
        #expect(removed.error.contains("bucket"))
    }

    @Test("It opens the store with the passphrase, and with the recovery code")
    func opens() throws {
        let vectors = try FormatVectors()
        for (passphrase, slot) in [(FormatVectors.passphrase + "\n", 0), (vectors.recoveryCode, 1)] {
            let result = try read(vectors.json, passphrase: passphrase, slot: slot)
            #expect(result.status == 0, "\(result.error)")
            #expect(try JSONDecoder().decode(Contents.self, from: result.output) == expected)
        }
    }
}
