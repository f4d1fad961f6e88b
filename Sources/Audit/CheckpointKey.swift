internal import CSodium
package import SecretMemory

/// What can be wrong with a checkpoint or its key.
package enum CheckpointError: String, Error, CaseIterable, Sendable {
    /// A name is 1 to 128 bytes without spaces, `+`, line breaks and control characters.
    case badName = "bad_name"
    /// A verifier key is name, `+`, 8 hexadecimal digits, `+`, base64 of a type byte 1 and 32 bytes.
    case badKey = "bad_key"
    /// The seed of a signing key has 32 bytes.
    case badSeed = "bad_seed"
    /// The note does not have the form of a signed note.
    case badNote = "bad_note"
    /// The note's text is not a checkpoint.
    case badText = "bad_text"
    /// No signature by this key.
    case notSigned = "not_signed"
    /// A signature in this key's name that is not by this key.
    case badSignature = "bad_signature"
    /// libsodium or its memory is not to be had.
    case unavailable
}

/// The public half of the Ed25519 (RFC 8032) key that signs checkpoints, as the signed-note specification of C2SP
/// has it.
package struct CheckpointKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// 32 bytes.
    package let publicKey: [UInt8]

    private static let ed25519: UInt8 = 1

    /// The public key of the seed `seed`, 32 secret bytes.
    package init(name: String, seed: borrowing SecretBytes) throws(CheckpointError) {
        self = try Self.expand(name, seed).key
    }

    /// Reads a verifier key, `name+01234567+base64`.
    package init(parsing text: String) throws(CheckpointError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isName(parts[0]) else { throw .badKey }
        guard let bytes = Base64.decode(parts[2]), bytes.count == 33, bytes[0] == Self.ed25519 else { throw .badKey }
        name = String(parts[0])
        publicKey = Array(bytes.dropFirst())
        guard Self.hex(id) == parts[1] else { throw .badKey }
    }

    private init(name: String, publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
    }

    /// The verifier key that is handed to those who verify.
    package var description: String { "\(name)+\(Self.hex(id))+\(Base64.encode([Self.ed25519] + publicKey))" }

    /// The first four bytes of SHA-256 over the name, a line break, the type and the public key.
    var id: [UInt8] {
        let input = Array(name.utf8) + [0x0A, Self.ed25519] + publicKey
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe crypto_hash_sha256(&digest, input, UInt64(input.count))
        return Array(digest.prefix(4))
    }

    /// Whether `signature` is this key's over `text`.
    func verify(_ signature: ArraySlice<UInt8>, of text: String) -> Bool {
        let message = Array(text.utf8)
        guard signature.count == 64, publicKey.count == 32 else { return false }
        return unsafe crypto_sign_verify_detached(Array(signature), message, UInt64(message.count), publicKey) == 0
    }

    /// The 64 bytes of the signature over `text` by the key of `seed`.
    static func sign(_ text: String, name: String, seed: borrowing SecretBytes) throws(CheckpointError)
        -> (signature: [UInt8], key: CheckpointKey)
    {
        let expanded = try expand(name, seed)
        let message = Array(text.utf8)
        var signature = [UInt8](repeating: 0, count: 64)
        expanded.secret.withBytes { secret in
            unsafe secret.withUnsafeBytes { bytes in
                guard let start = unsafe bytes.bindMemory(to: UInt8.self).baseAddress else { return }
                _ = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), start)
            }
        }
        return (signature, expanded.key)
    }

    private struct Expanded: ~Copyable {
        let key: CheckpointKey
        let secret: SecretBytes
    }

    private static func expand(_ name: String, _ seed: borrowing SecretBytes) throws(CheckpointError) -> Expanded {
        guard isName(name) else { throw .badName }
        guard seed.count == 32 else { throw .badSeed }
        var publicKey = [UInt8](repeating: 0, count: 32)
        let secret: SecretBytes
        do throws(SecretMemoryError) {
            secret = try seed.withBytes { (seed: RawSpan) throws(SecretMemoryError) in
                try SecretBytes(count: 64) { (target: inout MutableRawSpan) throws(SecretMemoryError) in
                    unsafe target.withUnsafeMutableBytes { target in
                        unsafe seed.withUnsafeBytes { seed in
                            guard let secret = unsafe target.bindMemory(to: UInt8.self).baseAddress,
                                let start = unsafe seed.bindMemory(to: UInt8.self).baseAddress
                            else { return }
                            _ = unsafe crypto_sign_seed_keypair(&publicKey, secret, start)
                        }
                    }
                }
            }
        } catch {
            throw .unavailable
        }
        return Expanded(key: CheckpointKey(name: name, publicKey: publicKey), secret: secret)
    }

    /// Whether `name` can be the name of a key and of a log.
    static func isName(_ name: some StringProtocol) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && scalar != "+" && !scalar.properties.isWhitespace
                    && scalar.properties.generalCategory != .control
            }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
