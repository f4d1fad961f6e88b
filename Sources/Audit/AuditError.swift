/// Why a sink refused: which sink, and one of a closed set of reasons.
///
/// Two errors with the same sink, reason and place are equal. ``Reason/rawValue`` is short and fixed, so that it can
/// stand in a metric or a problem document as it is.
package struct AuditError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: String, CaseIterable, Sendable {
        /// No space left, a quota used up, or the process's limit on the size of a file reached.
        case full
        /// The file being written, or its folder, is no longer at its path.
        case missing
        /// Another file is at the path, or somebody else wrote to the file.
        case replaced
        /// The file is shorter than what was written to it.
        case truncated
        /// A write or sync took longer than the sink's patience, or too many entries wait.
        case blocked
        /// The file system or the file does not take writes.
        case readOnly = "read_only"
        /// Any other failure to read or write; after a failed sync the file is not used again until reopened.
        case inputOutput = "input_output"
        /// A further sink: nobody listens at its socket.
        case unreachable
        /// A further sink: this user may not write to its socket.
        case forbidden
        /// The sink was closed.
        case closed
        /// At the start: the last entry on file does not fit the chain, or a file is none of the log's.
        case damaged
        /// At the start: another process writes to this folder.
        case inUse = "in_use"
        /// At the start: the folder is not a folder of ours with mode 0700.
        case unsafeFolder = "unsafe_folder"
    }

    /// The name the sink was given, such as `file`.
    package let sink: String
    package let reason: Reason
    /// Whether the entry stands in the log although it was refused: a further sink did not take its line.
    package let isWritten: Bool
    /// With ``Reason/damaged``: where.
    package let damage: Damage?

    /// Where a log cannot be gone on with.
    package struct Damage: Error, Equatable, Sendable {
        /// The name of the file.
        package let file: String
        /// The entry that does not fit, or whose line is none; nil: not known, or the file's header.
        package let sequence: UInt64?
    }

    package init(sink: String, _ reason: Reason, isWritten: Bool = false, damage: Damage? = nil) {
        self.sink = sink
        self.reason = reason
        self.isWritten = isWritten
        self.damage = damage
    }

    /// Whether the refused entry stands in the log, or may come to stand there late.
    package var mayBeWritten: Bool { isWritten || reason == .blocked }

    package var description: String {
        let place = damage.map { damage in
            " (\(damage.sequence.map { "entry \($0) in " } ?? "")\(damage.file))"
        }
        return "audit sink \(sink): \(reason.explanation)\(place ?? "")"
    }
}

extension AuditError.Reason {
    /// What is wrong and what would be right, in a sentence without a final stop.
    package var explanation: String {
        switch self {
        case .full: "no space left; free some, and entries are taken again"
        case .missing: "the log file is no longer at its path; put it back, or go on in a new file by SIGHUP"
        case .replaced:
            "the file at the log's path is not the one being written; put it back, or go on in a new file by SIGHUP"
        case .truncated: "the log file is shorter than what was written; go on in a new file by SIGHUP"
        case .blocked: "the log was not written in time"
        case .readOnly: "the log cannot be written: the file system or file is read-only"
        case .inputOutput: "reading or writing the log failed; once the cause is gone, go on in a new file by SIGHUP"
        case .unreachable: "nobody listens at the sink's socket; start the program that does"
        case .forbidden: "this user may not write to the sink's socket"
        case .closed: "closed"
        case .damaged: "the end of the log does not fit its chain; verify it and move the damaged file away"
        case .inUse: "another process writes to this folder"
        case .unsafeFolder: "the folder must be owned by this user and have mode 0700"
        }
    }
}
