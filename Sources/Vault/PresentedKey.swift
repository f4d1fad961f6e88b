internal import IssuedKeys
internal import SecretMemory
internal import Sealing

/// What a text that was presented as a key is looked up and compared by.
///
/// The same work is done for every text, so that the time tells nothing of what is there.
package struct PresentedKey: Sendable {
    /// The id in the text; nil where it does not read as a key.
    let number: IssuedKeyNumber?
    /// The prefix in the text, which may be anybody's.
    let prefix: String?
    let hash: KeptHash

    init(_ text: WipedBytes, _ keyring: Keyring) {
        let parsed = try? IssuedKeyText.parse(text)
        number = parsed.map { IssuedKeyNumber($0.id) }
        prefix = parsed?.prefix
        hash = keyring.keptHash(text)
    }

    /// Longer texts are no keys, whoever made them.
    static let longest = 1024
}

/// The access key that a connection presented last, and what it is looked up by: most connections present one and the same
/// with each request. It says nothing of what the key may, or whether it is one: that is looked up each time.
package final class RememberedKey: Sendable {
    private let text: WipedBytes
    private let presented: PresentedKey

    /// - Returns: nil where nothing was presented, or nobody has looked it up.
    package init?(_ requester: Requester) {
        guard case .accessKey(let text) = requester.credential, let presented = requester.presented else { return nil }
        self.text = text
        self.presented = presented
    }

    fileprivate func presented(for other: WipedBytes) -> PresentedKey? {
        let isSame = text.withBytes { one in other.withBytes { constantTimeEqual(one, $0) } }
        return isSame ? presented : nil
    }
}

extension Requester {
    /// Takes over what is known of the key that is presented, where it is the one that was remembered.
    ///
    /// - Returns: whether it is.
    package mutating func recall(_ remembered: RememberedKey?) -> Bool {
        guard presented == nil, case .accessKey(let text) = credential, let known = remembered?.presented(for: text)
        else { return false }
        presented = known
        return true
    }
}
