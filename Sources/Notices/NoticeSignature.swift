internal import Outbound
internal import SecretMemory

/// Shows a receiver that a body came from here, and when.
enum NoticeSignature {
    static let header = "keyturn-signature"

    /// `t=SECONDS,v1=DIGITS`: HMAC-SHA-256, in hexadecimal, of the seconds since 1970, a full stop and the body.
    static func text(_ body: [UInt8], secret: WipedBytes, at milliseconds: Int64) -> String {
        let seconds = "\(milliseconds / 1_000)"
        let code = SHA256.code(Array("\(seconds).".utf8) + body, key: secret)
        return "t=\(seconds),v1=\(SHA256.hexadecimal(code.withBytes { $0.array }))"
    }
}
