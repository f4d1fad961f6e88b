internal import KeyturnClient
internal import VaultAPI

/// Says at a terminal how far the server is with the keys, while it opens many.
enum OpeningNotice {
    static func shown<Result>(of vault: KeyturnVault, while work: () async throws -> Result) async rethrows -> Result {
        let watching = Task {
            var last: Int?
            while true {
                try await Task.sleep(for: .seconds(1))
                guard let percent = try? await vault.status().opening, percent != last else { continue }
                Console.progress("Opening the keys: \(percent) % …")
                last = percent
            }
        }
        defer { watching.cancel() }
        return try await work()
    }
}
