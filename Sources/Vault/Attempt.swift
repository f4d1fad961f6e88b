/// A request from its beginning to what may be looked up for it. An object: it is handed from one thread to the next, with
/// all that is known of who asks.
final class Attempt: Sendable {
    /// What the request was admitted as. An object, so that a look at a part of it copies no more.
    final class Basis: Sendable {
        let admitted: Admitted
        init(_ admitted: Admitted) { self.admitted = admitted }
    }

    /// Nil where the request was not admitted.
    let basis: Basis?
    var admitted: Admitted? { basis?.admitted }
    /// Why it ends before anything is looked up.
    let refusal: VaultError?
    /// What is to be written before anybody is told that it has ended already; nil for strangers, who are counted.
    let line: AuditTrail.Line?

    init(_ admitted: Admitted) {
        basis = Basis(admitted)
        refusal = nil
        line = nil
    }

    /// It has ended already.
    ///
    /// - Parameter admitted: as which; nil for strangers.
    init(refused error: VaultError, as admitted: Admitted? = nil, line: AuditTrail.Line? = nil) {
        basis = admitted.map { Basis($0) }
        refusal = error
        self.line = line
    }
}

/// How a request ended, and what is to be written before anybody is told; nil for strangers.
struct Finished: Sendable {
    var result: Result<Retrieval, VaultError>
    var line: AuditTrail.Line?
    /// The key that was found.
    var served: KeyEntry?
}
