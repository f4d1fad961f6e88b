internal import SecretMemory
internal import Vault

/// What the head of the last request that the lane took on a connection was read as. Programs send the same head again
/// and again: what is the same need not be read and checked again.
///
/// Neither the head nor the access key in it is kept: of the head a keyed digest, of the key what it is looked up by.
/// Whether the key is still good and what it may do is asked with every request.
final class RememberedHead {
    private let digest: KeyedDigest
    private let head: Admission.Head
    private let requester: Requester
    /// What it asks the vault for, once that is known.
    private(set) var question: RetrievalRequest?

    /// - Returns: nil where the head holds more that is secret than its access key.
    init?(_ admission: Admission, _ vault: Vault, digest: () -> KeyedDigest) {
        let head = admission.head
        guard head.secrets.authorization == nil, head.secrets.initToken == nil, head.page == nil,
            !head.route.verifiesForProxy, let requester = vault.withoutText(admission.requester)
        else { return nil }
        self.digest = digest()
        self.head = head
        self.requester = requester
    }

    /// Not of one that waits: each wait is its own.
    func remember(_ question: RetrievalRequest) {
        if question.wait == nil { self.question = question.withoutWait(from: requester) }
    }

    /// A request with this head that has just come in, if it is the one that is remembered.
    func again(_ digest: KeyedDigest, _ vault: Vault) -> Admission? {
        guard digest == self.digest, vault.knows(requester) else { return nil }
        var admission = Admission(head, from: requester)
        admission.requester.began = .now
        return admission
    }
}
