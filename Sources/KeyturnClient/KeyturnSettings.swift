package import SecretMemory

/// How to reach a vault, and as whom.
public struct KeyturnSettings: Sendable {
    /// Where it is.
    public var address: KeyturnAddress
    /// The access key that every request presents; without one the server goes by the Unix user of a socket.
    package var accessKey: WipedBytes?
    /// A PEM file with the authorities to trust for `https`, instead of the system's.
    public var caFile: String?
    /// How long reading goes on asking while the vault is sealed, away or too busy; zero asks once.
    public var patience: Duration = .seconds(30)

    /// - Throws: ``KeyturnClientError`` with the code `invalid_setting` where the access key has characters that
    ///   no access key has. The key is not repeated.
    public init(
        address: KeyturnAddress, accessKey: String? = nil, caFile: String? = nil
    ) throws(KeyturnClientError) {
        self.address = address
        self.caFile = caFile
        if let accessKey { self.accessKey = try Self.checked(accessKey) }
    }

    static func checked(_ accessKey: String) throws(KeyturnClientError) -> WipedBytes {
        let isPlain = accessKey.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isPlain, !accessKey.isEmpty, accessKey.utf8.count <= 512 else {
            throw KeyturnClientError(.invalidSetting, "KEYTURN_ACCESS_KEY does not hold an access key")
        }
        return WipedBytes(utf8: accessKey)
    }

    /// Reads `KEYTURN_ADDRESS`, `KEYTURN_ACCESS_KEY` and `KEYTURN_CA_FILE`. Without an address it is
    /// ``KeyturnAddress/standard``.
    ///
    /// - Throws: ``KeyturnClientError`` with the code `invalid_setting`, naming the variable. One that is set to
    ///   nothing is refused too, since falling back would hide a mistake.
    public init(environment: [String: String]) throws(KeyturnClientError) {
        for name in ["KEYTURN_ADDRESS", "KEYTURN_ACCESS_KEY", "KEYTURN_CA_FILE"] where environment[name] == "" {
            throw KeyturnClientError(.invalidSetting, "\(name) is set but empty; unset it or give it a value")
        }
        var address = KeyturnAddress.standard
        if let text = environment["KEYTURN_ADDRESS"] {
            do {
                address = try KeyturnAddress(text)
            } catch {
                throw KeyturnClientError(.invalidSetting, "KEYTURN_ADDRESS: \(error)")
            }
        }
        try self.init(
            address: address, accessKey: environment["KEYTURN_ACCESS_KEY"], caFile: environment["KEYTURN_CA_FILE"])
    }
}
