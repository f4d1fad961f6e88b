/// Whether the values of a program that runs may be kept for a later start. Pure: what the vault answers comes in.
///
/// They are kept together or not at all, so what the vault confirms of one key must not bring back another that it
/// refuses.
struct CacheKeeping {
    /// What the vault is asked for.
    enum Question: Hashable {
        /// The value of a key.
        case value(path: String)
        /// Which keys there are beneath the prefix.
        case paths
        /// All of it at once.
        case everything
    }

    /// What to do when it is time to keep the values anew.
    enum Step: Equatable {
        case keep
        /// Some of it is refused: what was erased stays so.
        case leave
        /// All of it was refused at once, and only the same question tells whether it still is.
        case fetch
    }

    private var refused: Set<Question> = []

    var step: Step {
        if refused.contains(.everything) { return .fetch }
        return refused.isEmpty ? .keep : .leave
    }

    /// The vault was asked, and said no.
    mutating func refuse(_ question: Question) { refused.insert(question) }

    /// The vault was asked, and answered. Whoever gets everything is refused nothing.
    mutating func answer(_ question: Question) {
        if question == .everything {
            refused = []
        } else {
            refused.remove(question)
        }
    }
}
