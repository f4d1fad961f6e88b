internal import IssuedKeys
internal import SecretMemory
internal import Sealing

/// What a text that was presented as a key is looked up by: a keyed hash of the whole of it, and nothing else. The id in
/// it is not looked at.
///
/// The same work is done for every text, and spared for every text that comes again on its connection, so that the time
/// tells nothing of what is there.
package struct PresentedKey: Sendable {
    /// The prefix in the text, which may be anybody's; nil where it does not read as a key.
    let prefix: String?
    /// What it would be kept as.
    let hash: KeptHash

    init(_ text: WipedBytes, _ keyring: Keyring) {
        prefix = (try? IssuedKeyText.parse(text))?.prefix
        hash = keyring.keptHash(text)
    }

    /// Longer texts are no keys, whoever made them.
    static let longest = 1024
}

extension Session {
    /// The issued key that was presented, whole; nil where it is none.
    ///
    /// A wrong secret is one miss in one table, as an id that is not there is: without its key nobody can tell where in
    /// the table either looks, and neither leads to a key.
    func issued(_ presented: PresentedKey) -> IssuedEntry? { issued(keptAs: presented.hash) }
}
