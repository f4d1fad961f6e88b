import Foundation
import TestThreads
import Testing

/// The documentation of the library products, made as its readers make it.
@Suite(.blocks, .timeLimit(.minutes(20))) struct LibraryDocumentationTests {
    @Test("It is made without a warning, with the public symbols of every product and the tutorial")
    func isMade() throws {
        let folder = try TemporaryFolder()
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..").path
        let build = URL(fileURLWithPath: Programs.folder).appending(path: "../..").standardizedFileURL.path
        let made = try run(
            repository + "/scripts/documentation", [folder.path + "/site"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "KEYTURN_BUILD": build],
            patience: 1_100)
        #expect(made.code == 0, "\(made.errors)\(made.output)")
        let pages = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/site/data")
        for page in [
            "documentation/keyturnclient/keyturnvault.json",
            "documentation/keyturnconfiguration/keyturnconfigprovider.json",
            "documentation/keyturntesting/keyturntestvault.json",
            "tutorials/keyturnclient/keys-that-stay-current.json",
        ] {
            #expect(pages.contains(page))
        }
    }
}
