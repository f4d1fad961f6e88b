import Synchronization

@testable import Vault

/// Policy files that a test can change under a running vault.
final class TestFiles: Sendable {
    private let files: Mutex<[String: String]>
    private let failure = Mutex<VaultError?>(nil)

    init(_ files: [String: String] = TestFiles.usual) { self.files = Mutex(files) }

    subscript(name: String) -> String? {
        get { files.withLock { $0[name] } }
        set { files.withLock { $0[name] = newValue } }
    }

    /// Has the folder be unreadable.
    func fail(_ error: VaultError?) { failure.withLock { $0 = error } }

    func read() throws(VaultError) -> [(name: String, text: String)] {
        if let error = failure.withLock({ $0 }) { throw error }
        return files.withLock { files in files.sorted { $0.key < $1.key }.map { (name: $0.key, text: $0.value) } }
    }

    static let usual = [
        "payments.yaml": """
        policy: payments-service
        description: What the payments service needs when it starts.
        rules:
          - allow: [retrieve, acknowledge]
            keys: ["payments/**"]
          - deny: [retrieve]
            keys: ["payments/*/root"]
            reason: root keys are for people
        callers:
          unix-users: [payments]
        """,
        "operator.yaml": """
        policy: operator
        description: Runs the vault and sees no value.
        rules:
          - allow: [list, inspect, write, rotate, delete, restore]
            keys: ["**"]
          - allow: [issue]
            policies: [payments-service, auditor]
          - allow: [revoke]
            issuers: [keyturn]
          - allow: [operate, audit]
        callers:
          unix-users: [olivia]
        """,
        "desk.yaml": """
        policy: desk
        description: Gives access keys to the payments service alone.
        rules:
          - allow: [issue]
            policies: [payments-service]
        """,
        "auditor.yaml": """
        policy: auditor
        description: Reads the log.
        rules:
          - allow: [audit]
        """,
        "reader.yaml": """
        policy: reader
        description: Reads every value and nothing else.
        rules:
          - allow: [retrieve]
            keys: ["**"]
        """,
        "lister.yaml": """
        policy: lister
        description: Lists all but a folder.
        rules:
          - allow: [list, inspect]
            keys: ["**"]
          - deny: [list]
            keys: ["payments/hidden/**"]
        """,
    ]
}
