internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// The one-time token that lets a vault be initialised through another door than the operator's socket: whoever can
/// read the data folder can read it. It is there only while there is no vault.
struct InitializationToken {
    let text: WipedBytes
    private let path: String

    /// Writes a new token to `init-token` in `folder`, mode 0600, in the place of an older one.
    ///
    /// - Throws: ``Failure`` where the file cannot be written.
    init(folder: String, random: any RandomSource = SystemRandom()) throws {
        let path = folder + "/init-token"
        unsafe unlink(path)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Failure(.failed, "the token file \(path) cannot be written (error \(errno))") }
        defer { close(file) }
        let token = random.bytes(32).map { byte in
            let digits = Array("0123456789abcdef")
            return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
        text = WipedBytes(utf8: token)
        self.path = path
        let written = text.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        }
        guard fchmod(file, 0o600) == 0, written == text.count else {
            throw Failure(.failed, "the token file \(path) cannot be written (error \(errno))")
        }
    }

    /// Takes the file away.
    func remove() { unsafe unlink(path) }

    /// Takes away what an earlier run may have left.
    static func remove(folder: String) { unsafe unlink(folder + "/init-token") }
}
