internal import SecretMemory

/// Follows the chain through all files of a log, also while it is being written.
///
/// Every edit, removal, insertion and move inside the chain shows by itself. A cut tail, and a log that was made anew
/// from some entry on, show only against heads that are known from elsewhere: those that the vault seals, and
/// checkpoints.
package struct AuditVerifier: Sendable {
    private let folder: any LogFolder
    private let name: String

    /// - Parameter name: stands in errors.
    package init(folder: String, name: String = "file") throws(AuditError) {
        self.name = name
        guard (try? Sodium.start()) != nil else { throw AuditError(sink: name, .inputOutput) }
        do throws(FolderFault) {
            self.folder = try SystemLogFolder(folder, owned: false)
        } catch {
            guard case .file(let fault) = error else { throw AuditError(sink: name, .inputOutput) }
            throw AuditError(sink: name, fault.reason)
        }
    }

    /// Verifies the log up to its first problem.
    ///
    /// - Parameters:
    ///   - heads: known heads, in any order. All must be in the log, but for those that an accepted break took with it.
    ///   - accepted: the breaks that an operator has accepted, from the sealed head or a checkpoint. They are told and passed
    ///     over.
    ///   - mayBeginLater: whether the oldest files may have been taken away. What the first one left says about its
    ///     beginning is then believed.
    package func verify(
        against heads: [AuditHead] = [], accepted: [AcceptedBreak] = [], mayBeginLater: Bool = false
    ) throws(AuditError) -> AuditVerification {
        try verify(against: heads, accepted: accepted, mayBeginLater: mayBeginLater, while: { true })
            ?? AuditVerification()
    }

    /// How many lines are looked at before somebody is asked whether to go on.
    package static let linesBetweenQuestions: UInt64 = 4_096

    /// As above, for as long as `goesOn` says so: it is asked every ``linesBetweenQuestions`` lines.
    ///
    /// - Returns: nil where it was ended.
    package func verify(
        against heads: [AuditHead], accepted: [AcceptedBreak], mayBeginLater: Bool, while goesOn: () -> Bool
    ) throws(AuditError) -> AuditVerification? {
        do throws(FileFault) {
            var lineCount: UInt64 = 0
            var isEnded = false
            var checker = ChainChecker(anchors: heads, accepted: accepted, mayBeginLater: mayBeginLater)
            let files = LogFileName.logFiles(in: try folder.names())
            for (index, entry) in files.enumerated() {
                let isLast = index == files.count - 1
                checker.begin(file: entry.name, first: entry.first)
                guard checker.result.finding == nil else { break }
                let file = try folder.open(entry.name, .reading)
                let lines = LogLines(file: file, end: try file.facts().size)
                let rest = try lines.forward { bytes, range throws(FileFault) in
                    lineCount &+= 1
                    if lineCount.isMultiple(of: Self.linesBetweenQuestions) { isEnded = !goesOn() }
                    return !isEnded && checker.take(bytes, range)
                }
                if isEnded { return nil }
                checker.unfinished(UInt64(max(0, rest)), isLastFile: isLast)
                checker.endFile(isLastFile: isLast)
                guard checker.result.finding == nil else { break }
            }
            return checker.finish()
        } catch {
            throw AuditError(sink: name, error.reason)
        }
    }

    /// Looks for every break of the log, so that an operator can go on with it as it is.
    ///
    /// - Parameters:
    ///   - known: breaks that were accepted before.
    ///   - firstLost: the first entry that is known to be gone, though the chain does not show it; nil: none is.
    package func survey(known: [AcceptedBreak], firstLost: UInt64?) throws(AuditError) -> LogBreaks {
        var known = known
        while true {
            let most = Self.mostBreaks - min(known.count, Self.mostBreaks)
            var survey = LogSurvey(known: known, firstLost: firstLost, most: most)
            do throws(FileFault) {
                let files = LogFileName.logFiles(in: try folder.names())
                for (index, entry) in files.enumerated() {
                    survey.begin(file: entry.name, first: entry.first)
                    let file = try folder.open(entry.name, .reading)
                    let lines = LogLines(file: file, end: try file.facts().size)
                    let rest = try lines.forward { bytes, range throws(FileFault) in
                        survey.take(bytes, range)
                        return true
                    }
                    survey.endFile(rest: UInt64(max(0, rest)), isLastFile: index == files.count - 1)
                }
            } catch {
                throw AuditError(sink: name, error.reason)
            }
            guard let gone = survey.finish() else { return LogBreaks(survey) }
            known.removeAll { $0 == gone }
        }
    }

    /// Breaks of one log that are told apart, so that the vault's head stays small.
    package static let mostBreaks = 64
}
