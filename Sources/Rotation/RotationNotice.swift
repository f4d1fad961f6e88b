/// Something about one key that people want to be told of. Holds no secret.
package struct RotationNotice: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A new version is current.
        case rotated
        /// A step did not succeed, and is tried again.
        case failing
        /// A rotation should have been done by now.
        case overdue
        /// The key ends soon.
        case expiring
        /// A person has to look.
        case held
    }

    /// What it is about.
    package enum Subject: Sendable, Equatable {
        /// A stored key: its path, its id of 32 lower-case hexadecimal digits, its current version.
        case key(path: String, id: String, version: UInt32)
        /// A key that was issued: by which issuer, its id, the name that it was given.
        case issuedKey(issuer: String, id: String, name: String)
    }

    package var kind: Kind
    package var subject: Subject
    /// When it happened, in milliseconds since 1970.
    package var time: Int64
    package var fault: RotationFault?
    /// The step that the fault is of.
    package var step: RotationStep?
    /// When it is tried again, in milliseconds since 1970; nil where it is not by itself.
    package var nextAttempt: Int64?
    /// When the rotation was due, or when the key ends, in milliseconds since 1970.
    package var due: Int64?

    package init(
        _ kind: Kind, of subject: Subject, time: Int64, fault: RotationFault? = nil, step: RotationStep? = nil,
        nextAttempt: Int64? = nil, due: Int64? = nil
    ) {
        self.kind = kind
        self.subject = subject
        self.time = time
        self.fault = fault
        self.step = step
        self.nextAttempt = nextAttempt
        self.due = due
    }
}

/// How telling of one notice to one receiver ended.
package struct NoticeOutcome: Sendable, Equatable {
    package enum Ending: String, Sendable, CaseIterable {
        case delivered
        /// Every try failed, or the receiver refused it for good.
        case givenUp = "given_up"
        /// There was no room for it, or the server stopped first.
        case dropped
    }

    /// The receiver's name in the configuration.
    package var receiver: String
    package var ending: Ending
    package var tries: Int
    /// Why the last try failed.
    package var fault: RotationFault?

    package init(receiver: String, ending: Ending, tries: Int, fault: RotationFault? = nil) {
        self.receiver = receiver
        self.ending = ending
        self.tries = tries
        self.fault = fault
    }
}
