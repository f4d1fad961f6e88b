internal import FoundationEssentials
internal import Rotation
internal import Sealing

typealias StoredRotation = Records.RotationSettings

/// What of a rotation's state is a yes or no, as one number in the record.
private struct RotationFlags: OptionSet {
    let rawValue: UInt32
    static let calling = RotationFlags(rawValue: 1)
    static let doubted = RotationFlags(rawValue: 2)
    static let aborting = RotationFlags(rawValue: 4)
    static let putBack = RotationFlags(rawValue: 8)
}

extension RotationState {
    /// - Parameter record: what ``record`` made. A step that is not known is `held`: a person has to look.
    init(_ record: Records.RotationState) {
        self.init()
        let flags = RotationFlags(rawValue: record.flags)
        step = RotationStep(phase: record.phase)
        isCalling = flags.contains(.calling)
        isDoubted = flags.contains(.doubted)
        isAborting = flags.contains(.aborting)
        isPutBack = flags.contains(.putBack)
        entered = Int64(clamping: record.entered)
        due = record.due == 0 ? nil : Int64(clamping: record.due)
        nextAttempt = Int64(clamping: record.nextAttempt)
        attempts = Int(record.attempts)
        candidates = Int(record.candidates)
        token = Array(record.token)
        began = Int64(clamping: record.began)
        candidate = record.candidate
        current = record.current
        previous = record.previous
        orphans = record.orphans
        known = record.known
        leftovers = record.leftovers.map { left in
            RotationLeftover(
                handle: left.handle, token: Array(left.token), step: RotationStep(phase: left.phase),
                time: Int64(clamping: left.time))
        }
        error = RotationFault(rawValue: record.error)
        errorStep = RotationStep.allCases.first { $0.word == record.errorStep } ?? .idle
        errorTime = Int64(clamping: record.errorTime)
        lastRotated = Int64(clamping: record.lastRotated)
        skipped = Int(record.skipped)
        retireAfter = Int64(clamping: record.retireAfter)
        retireDeadline = Int64(clamping: record.retireDeadline)
    }

    /// The record of it, without consumers.
    var record: Records.RotationState {
        var flags: RotationFlags = []
        if isCalling { flags.insert(.calling) }
        if isDoubted { flags.insert(.doubted) }
        if isAborting { flags.insert(.aborting) }
        if isPutBack { flags.insert(.putBack) }
        var record = Records.RotationState()
        record.phase = UInt32(step.rawValue)
        record.flags = flags.rawValue
        record.entered = UInt64(max(entered, 0))
        record.due = UInt64(max(due ?? 0, 0))
        record.nextAttempt = UInt64(max(nextAttempt, 0))
        record.attempts = UInt32(clamping: attempts)
        record.candidates = UInt32(clamping: candidates)
        record.token = Data(token)
        record.began = UInt64(max(began, 0))
        record.candidate = candidate
        record.current = current
        record.previous = previous
        record.orphans = orphans
        record.known = known
        record.leftovers = leftovers.map { left in
            var stored = Records.Leftover()
            stored.handle = left.handle
            stored.token = Data(left.token)
            stored.phase = UInt32(left.step.rawValue)
            stored.time = UInt64(max(left.time, 0))
            return stored
        }
        record.error = error?.rawValue ?? ""
        record.errorStep = error == nil ? "" : errorStep.word
        record.errorTime = error == nil ? 0 : UInt64(max(errorTime, 0))
        record.lastRotated = UInt64(max(lastRotated, 0))
        record.skipped = UInt32(clamping: skipped)
        record.retireAfter = UInt64(max(retireAfter, 0))
        record.retireDeadline = UInt64(max(retireDeadline, 0))
        return record
    }
}

extension RotationStep {
    /// - Parameter phase: its number in a record; one that is not known is `held`.
    fileprivate init(phase: UInt32) {
        self = UInt8(exactly: phase).flatMap { RotationStep(rawValue: $0) } ?? .held
    }
}

extension Records.RotationSettings {
    /// - Parameters:
    ///   - since: when the rotation was paused, where it is.
    init(_ input: RotationSettingsInput, by author: RotationAuthor, pausedSince since: Int64) {
        self.init()
        rotator = input.rotator
        switch input.timing {
        case .every(let interval): every = UInt64(max(interval, 0))
        case .schedule(let text): schedule = text
        case .whenAsked: break
        }
        settings = input.settings.sorted { $0.key < $1.key }.map { name, value in
            var pair = Records.Pair()
            pair.name = name
            pair.value = value
            return pair
        }
        overlap = UInt64(max(input.overlap ?? 0, 0))
        jitter = UInt64(max(input.jitter ?? 0, 0))
        deadline = UInt64(max(input.deadline ?? 0, 0))
        missed = input.missed == .now ? .now : .next
        retire = input.retire == .afterOverlap ? .afterOverlap : .whenAcknowledged
        windowFrom = UInt32(clamping: input.window?.from ?? 0)
        windowUntil = UInt32(clamping: input.window?.until ?? 0)
        paused = input.paused ? UInt64(max(since, 1)) : 0
        self.author = author.reference
        authorName = author.name
    }

    /// The same as it was given.
    var input: RotationSettingsInput {
        RotationSettingsInput(
            rotator: rotator,
            timing: every != 0 ? .every(Int64(every)) : schedule.isEmpty ? .whenAsked : .schedule(schedule),
            settings: Dictionary(settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            overlap: overlap == 0 ? nil : Int64(overlap), jitter: jitter == 0 ? nil : Int64(jitter),
            deadline: deadline == 0 ? nil : Int64(deadline), missed: missed == .next ? .next : .now,
            retire: retire == .whenAcknowledged ? .whenAcknowledged : .afterOverlap,
            window: windowFrom == windowUntil
                ? nil : RotationWindow(from: Int(windowFrom), until: Int(windowUntil)), paused: paused != 0)
    }
}

extension RotationPolicy {
    /// - Throws: ``RotatorSettingsError`` that names the setting.
    init(_ input: RotationSettingsInput, pausedSince: Int64) throws(RotatorSettingsError) {
        let timing: Timing
        switch input.timing {
        case .every(let interval): timing = .every(interval)
        case .whenAsked: timing = .whenAsked
        case .schedule(let text):
            do throws(CronError) { timing = .schedule(try CronSchedules.shared.schedule(text)) } catch {
                throw RotatorSettingsError("schedule", "\(error)")
            }
        }
        self.init(timing: timing)
        overlap = input.overlap ?? 0
        jitter = input.jitter ?? 0
        missed = input.missed
        window = input.window
        switch input.retire {
        case .whenAcknowledged:
            guard let deadline = input.deadline else {
                throw RotatorSettingsError(
                    "deadline", "say by when the previous version is retired whoever still uses it, such as 7d")
            }
            retirement = .whenAcknowledged(deadline: deadline)
        case .afterOverlap:
            guard input.deadline == nil else {
                throw RotatorSettingsError("deadline", "it goes with `retire: when-acknowledged`")
            }
        }
        paused = input.paused ? pausedSince : nil
    }
}
