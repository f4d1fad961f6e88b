package import Policy
package import Rotation

/// How a key is to be rotated, as whoever writes it says. What is wrong with it is `invalid_field`, and `field` names the
/// member as `rotation.every`.
package struct RotationSettingsInput: Sendable, Equatable {
    package enum Timing: Sendable, Equatable {
        /// Milliseconds after the rotation before: one minute to 3,660 days.
        case every(Int64)
        /// Five fields of cron, in UTC.
        case schedule(String)
        /// Only when somebody says so.
        case whenAsked
    }

    package enum Retirement: String, Sendable, CaseIterable {
        case afterOverlap = "after-overlap"
        case whenAcknowledged = "when-acknowledged"
    }

    /// The name of a ``RotatorKind``.
    package var rotator: String
    package var timing: Timing
    /// The rotator's own; never a secret.
    package var settings: [String: String]
    /// Milliseconds that the previous version stays valid; nil: none.
    package var overlap: Int64?
    /// A rotation is due up to so many milliseconds later; nil: none.
    package var jitter: Int64?
    /// For ``Retirement/whenAcknowledged``: milliseconds after the rotation by which the previous version is retired.
    package var deadline: Int64?
    package var missed: RotationPolicy.Missed
    package var retire: Retirement
    /// Minutes after midnight, UTC, between which a rotation may begin; nil: at any time.
    package var window: RotationWindow?
    package var paused: Bool

    package init(
        rotator: String, timing: Timing, settings: [String: String] = [:], overlap: Int64? = nil, jitter: Int64? = nil,
        deadline: Int64? = nil, missed: RotationPolicy.Missed = .now, retire: Retirement = .afterOverlap,
        window: RotationWindow? = nil, paused: Bool = false
    ) {
        self.rotator = rotator
        self.timing = timing
        self.settings = settings
        self.overlap = overlap
        self.jitter = jitter
        self.deadline = deadline
        self.missed = missed
        self.retire = retire
        self.window = window
        self.paused = paused
    }
}

/// What becomes of a key's rotation.
package enum RotationChange: Sendable, Equatable {
    /// Rotated so from now on. All of the settings are replaced.
    case set(RotationSettingsInput)
    /// Rotated no more.
    case remove
}

/// How a key is rotated, and where that stands.
package struct RotationReport: Sendable, Equatable {
    package var settings: RotationSettingsInput
    package var standing: RotationStanding
    /// The machine's step.
    package var step: RotationStep
    /// When the next rotation is due; nil: not by itself.
    package var due: Timestamp?
    /// When something is tried again; nil: nothing waits for that.
    package var nextAttempt: Timestamp?
    /// When the current version was made current, or the rotation was set up.
    package var lastRotated: Timestamp
    /// Failures of this step in a row.
    package var attempts: Int
    /// Candidates that were made for this rotation.
    package var candidates: Int
    /// What went wrong last, at which step and when.
    package var error: RotationFault?
    package var errorStep: RotationStep?
    package var errorTime: Timestamp?
    /// What the provider calls credentials that nobody uses and that may still live.
    package var orphans: [String]
    /// Whether somebody asked for the end of this rotation, and it is cleared up first.
    package var isAborting: Bool
    /// What rotations that were given up may have left at the provider: a person's to end.
    package var leftovers: [CredentialLeft]
    /// Rotations that were left out.
    package var skipped: Int
    /// When the previous version is retired: then, and at the latest then. nil: there is none.
    package var retireAfter: Timestamp?
    package var retireDeadline: Timestamp?
    /// The version that is being rotated in.
    package var pending: UInt32?
    /// Who wrote the settings, and in whose name each run is authorised.
    package var author: String
    package var pausedSince: Timestamp?
    /// Who fetched which version, sorted by caller and instance.
    package var consumers: [RotationConsumer]
}

/// A credential that may live on at a provider, and that nobody uses.
package struct CredentialLeft: Sendable, Equatable {
    /// The provider's name for it; nil where that is not known.
    package var handle: String?
    /// What it is marked with, where the provider has such marks; ends with `-` where only its beginning is known.
    package var mark: String
    /// The step that was given up.
    package var step: RotationStep
    /// When the attempt that made it began, or when the step was given up.
    package var time: Timestamp
}

/// Somebody who fetches a key that is rotated.
package struct RotationConsumer: Sendable, Equatable {
    /// `access-key:<id of the first of its line>` or `unix-user:<number>`; `unknown` for fetches that nobody can name
    /// after the process ended uncleanly.
    package var caller: String
    /// The access key's name; nil for others.
    package var name: String?
    /// Which one of them, where they say so; empty where not.
    package var instance: String
    /// What it fetched or acknowledged last.
    package var version: UInt32
    package var seen: Timestamp
    /// Whether the previous version is kept for it.
    package var holdsBack: Bool
}

/// What a rotation of a key would do, without any effect.
package struct RotationPlan: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        /// `propose`, `snapshot`, `create`, `test`, `promote`, `overlap` or `retire`.
        package var name: String
        /// Whether somebody outside is asked.
        package var isCall: Bool
        /// When at the earliest; nil: as soon as the step before is over.
        package var time: Timestamp?
    }
    package var path: ResourcePath
    package var rotator: String
    package var standing: RotationStanding
    /// Whether nothing is begun until it is unpaused.
    package var isPaused: Bool
    /// When the rotation would begin; nil: not by itself, or not while it is as it is.
    package var begins: Timestamp?
    package var steps: [Step]
    /// The rotations after that one; at most five.
    package var later: [Timestamp]
    /// What is reached, as `host:port`, names of issuers and paths of keys.
    package var hosts: [String]
    package var issuers: [String]
    package var keys: [String]
    /// Whether the author of the settings may reach all of that now.
    package var isPermitted: Bool
    /// Who would hold the retirement back.
    package var consumers: [RotationConsumer]
}

/// Which keys to list by their rotation.
package struct RotationQuery: Sendable {
    /// Empty: all. `paused` finds every key that is paused, whatever else it does.
    package var standings: Set<RotationStanding>
    /// Only what is due before that moment.
    package var dueBefore: Timestamp?
    /// Only the subtree at this path; empty: everything.
    package var prefix: String
    /// 1 to 1,000.
    package var limit: Int
    /// Where the page before ended.
    package var cursor: String?

    package init(
        standings: Set<RotationStanding> = [], dueBefore: Timestamp? = nil, prefix: String = "", limit: Int = 100,
        cursor: String? = nil
    ) {
        self.standings = standings
        self.dueBefore = dueBefore
        self.prefix = prefix
        self.limit = limit
        self.cursor = cursor
    }
}

/// How rotation is, in numbers.
package struct RotationHealth: Sendable, Equatable {
    /// Keys whose last step did not succeed.
    package var failing: Int
    /// Keys that should have been rotated by now.
    package var overdue: Int
    /// Keys that a person has to look at: all of them, while the clock is not believed.
    package var held: Int
    /// Whether the clock is too far ahead of what was written down last, so that nothing rotates.
    package var isClockHeld: Bool
    /// Keys whose last step did not succeed, by the reason.
    package var errors: [String: Int] = [:]
    /// When a rotation goes on by itself next: one that is due, a further attempt, or the end of an overlap.
    package var next: Timestamp?
}
