internal import SecretMemory
internal import VaultAPI

extension WipedBytes {
    /// The bytes in base64 (RFC 4648, section 4).
    var base64: WipedBytes { Base64.encode(self) }
}
