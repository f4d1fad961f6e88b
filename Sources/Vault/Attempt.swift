/// A request from its beginning to the line that says how it ended.
struct Attempt: Sendable {
    /// What the request was admitted as; nil where it was not.
    var admitted: Admitted?
    /// Why it ends before anything is looked up.
    var refusal: VaultError?
    /// What is to be written before anybody is told how it ended; nil for strangers, who are counted.
    var line: AuditTrail.Line?

    init(_ admitted: Admitted) { self.admitted = admitted }

    /// It has ended already.
    ///
    /// - Parameter admitted: as which; nil for strangers.
    init(refused error: VaultError, as admitted: Admitted? = nil, line: AuditTrail.Line? = nil) {
        self.admitted = admitted
        refusal = error
        self.line = line
    }
}
