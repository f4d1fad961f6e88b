internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn seal`.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Close the vault: forget every key in memory.",
        discussion: """
            Ends when nothing is left in the server's memory. Until somebody unseals it, requests are answered with \
            503 and the code `sealed`. The vault is sealed also where the audit log cannot be written: then it says both, \
            and ends with 1, because nobody will find in the log who sealed it.

              keyturn seal
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let (state, failure): (VaultState, KeyturnClientError?) = try await vault.withVault(.operations) { vault in
            do throws(KeyturnClientError) { return (try await vault.seal().state, nil) } catch {
                // It may be sealed all the same: the vault says so.
                guard error.problem?.problemCode == .auditUnavailable,
                    let state = try? await vault.status().state, state == .sealed
                else { throw error }
                return (state, error)
            }
        }
        if json.isOn { try Console.json(SealReply(state: state)) } else { try Console.out(state.rawValue) }
        if let failure { throw Failure(failure) }
    }
}
