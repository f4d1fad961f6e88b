internal import VaultAPI

/// Asks before something that cannot be taken back.
enum Confirmation {
    /// Goes on where `yes` was given or somebody at a terminal says so.
    ///
    /// - Throws: a usage failure without a terminal; a failure where the answer is no.
    static func require(_ yes: Bool, _ question: String) throws(Failure) {
        guard !yes else { return }
        let terminal = try Terminal.required(orGive: "give --yes to go on without being asked")
        guard try terminal.confirms(question) else { throw Failure(.failed, "stopped; nothing was done") }
    }

    /// Goes on where somebody at a terminal types `text`.
    ///
    /// - Throws: as ``require(_:_:)``.
    static func require(typing text: String, _ question: String) throws(Failure) {
        let terminal = try Terminal.required(orGive: "give --yes to go on without being asked")
        guard try terminal.ask(question + " ") == text else { throw Failure(.failed, "stopped; nothing was done") }
    }
}
