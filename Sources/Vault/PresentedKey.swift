internal import IssuedKeys
internal import SecretMemory
internal import Sealing

/// What a text that was presented as a key is looked up and compared by.
///
/// The same work is done for every text, and spared for every text that comes again on its connection, so that the time
/// tells nothing of what is there.
package struct PresentedKey: Sendable {
    /// The id in the text; nil where it does not read as a key.
    let number: IssuedKeyNumber?
    /// The prefix in the text, which may be anybody's.
    let prefix: String?
    let hash: KeptHash

    init(number: IssuedKeyNumber?, prefix: String?, hash: KeptHash) {
        self.number = number
        self.prefix = prefix
        self.hash = hash
    }

    init(_ text: WipedBytes, _ keyring: Keyring) {
        let parsed = try? IssuedKeyText.parse(text)
        number = parsed.map { IssuedKeyNumber($0.id) }
        prefix = parsed?.prefix
        hash = keyring.keptHash(text)
    }

    /// Longer texts are no keys, whoever made them.
    static let longest = 1024
}
