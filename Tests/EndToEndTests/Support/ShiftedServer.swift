import Foundation
import Testing

/// A server whose wall clock the test moves while it runs, through Debian's libfaketime. Other clocks run as they do.
///
/// The shell in front is loaded with the library too: the library adds a variable to the environment of the process that
/// loads it first, and the Swift runtime would no longer find its arguments there. Times of files are left alone, since
/// the server would take a file whose times jump for one that somebody else wrote.
class ShiftedServer: TestServer, @unchecked Sendable {
    private static let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

    private var clock: String { folder.path + "/clock" }

    required init(policies texts: [String: String] = [:]) throws {
        try super.init(policies: texts)
        try #require(FileManager.default.fileExists(atPath: Self.library), "Debian's faketime is not installed")
        try shift(to: 0)
    }

    override var preparation: String? { "true" }

    override var surroundings: [String: String] {
        [
            "LD_PRELOAD": Self.library, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// Puts the server's clock so many days ahead of the test's own; in one step, also while it runs.
    func shift(to days: Double) throws {
        let next = clock + ".next"
        try Data("+\(Int(days * 86_400))s\n".utf8).write(to: URL(fileURLWithPath: next))
        guard rename(next, clock) == 0 else { throw TestFailure("the clock cannot be moved") }
    }
}
