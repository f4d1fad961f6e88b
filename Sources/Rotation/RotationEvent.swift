/// What the machine hears of.
package enum RotationEvent: Sendable {
    /// Time has come, or may have.
    case tick
    /// The process that was at work is gone: what it had begun may or may not have happened.
    case resumed
    /// The records were put back to an older state; the provider is as it was.
    ///
    /// - `whileCalling`: whether this process waits for the end of a call. What follows waits for it too.
    case restored(whileCalling: Bool)
    // How calls ended; each comes once for each call, unless the process is gone before.
    case proposed(RotatorOutcome<Made>)
    case created(RotatorOutcome<Made>)
    case tested(RotatorOutcome<Void>)
    case retired(RotatorOutcome<Void>)
    case listed(RotatorOutcome<[ListedCredential]>)
    // What operators do.
    case rotate(endingOverlap: Bool)
    case resume
    case abort
    case rollback
    /// Somebody stored a new version by hand; the provider's name for it where the fields tell, and until when whoever
    /// stored it wants the version before honoured at least; 0: nothing is said.
    case stored(handle: String, honouring: Int64 = 0)
    /// The settings were written, or the rotation was paused or unpaused. What is due is computed anew where other
    /// times are meant, and stays as it is where not.
    case settingsChanged(isRescheduled: Bool)

    /// What a call made, without its secrets.
    package struct Made: Sendable, Equatable {
        package enum Usability: Sendable, Equatable {
            case usable
            /// No field, an empty one, or one that no key can hold.
            case unusable(RotationFault)
            /// The fields of the current or the previous version.
            case repeated
        }
        package var handle: String
        package var usability: Usability

        package init(handle: String, usability: Usability = .usable) {
            self.handle = handle
            self.usability = usability
        }
    }
}

/// What the machine does not remember and has to be told with each event.
package struct RotationSurroundings: Sendable {
    /// The time, which never runs backwards; see ``ClockGuard``.
    package var now: Int64
    /// When this process began to look after the key: what was due before was missed.
    package var since: Int64
    /// Whether somebody still uses the previous version; true where that is not known.
    package var isAwaited: Bool
    /// 16 random bytes, for the next token.
    package var fresh: [UInt8]
    /// Whether the current and the previous version are one credential, which somebody stored again.
    package var likeness: RotationLikeness

    package init(now: Int64, since: Int64, isAwaited: Bool, fresh: [UInt8], likeness: RotationLikeness = .different) {
        self.now = now
        self.since = since
        self.isAwaited = isAwaited
        self.fresh = fresh
        self.likeness = likeness
    }
}

/// How alike two versions are.
package enum RotationLikeness: Sendable {
    case different
    /// They share fields and differ in others, so that both may be one credential.
    case unclear
    /// They have the same fields.
    case same
}

/// A call to make once the state is written down.
package enum RotationCall: Sendable, Equatable {
    case propose
    case create
    case test
    /// Whether the current version works.
    case verify
    case list
    case retireCandidate
    case retirePrevious
    case retireOrphan(String)
}

/// What happens to the key's versions, in the same commit as the state.
package enum RotationEffect: Sendable, Equatable {
    /// The fields that the call brought become the pending version, in the place of one that is there.
    case storePending
    case dropPending
    /// The pending version becomes current, and the current one previous, honoured until then.
    case promote(previousUntil: Int64)
    case endPrevious
    /// Current and previous change places; the previous one is honoured until then.
    case exchange(previousUntil: Int64)
}

/// What the audit log says of a step: closed words.
package enum RotationRecord: String, Sendable, CaseIterable {
    case began, created, tested, promoted, retired, discarded, reconciled, skipped, failed, held, resumed, aborted
    case rolledBack = "rolled_back"
    case orphanEnded = "orphan_ended"
    /// Something may live on at the provider, and is a person's to end.
    case orphanLeft = "orphan_left"
    case due
}

/// What one event leads to: the state and the effects are written down together, and then the call is made.
package struct RotationTransition: Sendable {
    package var state: RotationState
    package var effects: [RotationEffect] = []
    package var call: RotationCall?
    package var records: [RotationRecord] = []

    init(_ state: RotationState) { self.state = state }
}

/// Why a verb cannot be done now. Safe to show.
package enum RotationRefusal: Error, Sendable, Equatable {
    case underWay
    case notUnderWay
    case notHonoured
    case overlapping
    case cannotRollBack
    case currentRefused
    case paused
}
