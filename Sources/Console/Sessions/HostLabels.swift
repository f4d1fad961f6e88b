internal import SecretMemory

/// Names beneath `localhost` under which sessions live on plain loopback.
///
/// Cookies ignore ports: a cookie of `localhost` goes to every server on this host that the browser talks to. Browsers
/// take every name beneath `localhost` for this host, so each visit gets a name of its own, which nobody can guess: 80
/// random bits, and a sum by which the process knows that the name is one that it gave.
///
/// The sum does not say to whom. Any program on this host can ask for a label and have a page link to it, so a session
/// lives under one that is made for it alone: see ``Entrance``.
struct HostLabels: Sendable {
    let sums: KeyedSum
    let random: any RandomSource

    /// How long a label is.
    static let length = 32

    /// A new label: 32 characters of base 32.
    func make() -> String {
        let chosen = random.bytes(10)
        return Self.text(chosen + sum(of: Self.text(chosen)))
    }

    /// Whether this process gave the label, to whomever.
    func isOurs(_ label: String) -> Bool {
        guard label.utf8.count == Self.length else { return false }
        return isSame(Self.text(sum(of: String(label.prefix(16)))), String(label.suffix(16)))
    }

    private func sum(of text: String) -> [UInt8] { sums.bytes("host label " + text, count: 10) }

    /// The label in a Host header such as `LABEL.localhost:8200`, and what follows its dot; nil where there is none.
    static func split(_ host: String) -> (label: String, rest: String)? {
        let host = host.lowercased()
        guard let dot = host.firstIndex(of: ".") else { return nil }
        let label = String(host[..<dot])
        let rest = String(host[host.index(after: dot)...])
        guard label.utf8.count == length, label.utf8.allSatisfy({ alphabet.contains($0) }),
            rest == "localhost" || rest.hasPrefix("localhost:")
        else { return nil }
        return (label, rest)
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// RFC 4648, section 6, in lower case; `bytes` are a multiple of 5.
    private static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (held, bits): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(held >> bits & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
