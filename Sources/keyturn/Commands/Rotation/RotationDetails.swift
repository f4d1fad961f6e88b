internal import VaultAPI

/// A key's rotation for people.
enum RotationDetails {
    /// Adds the settings, and where the rotation stands.
    static func add(_ rotation: KeyRotation, to details: inout Details) {
        details.add("rotation", state(rotation.state, isPaused: rotation.paused))
        details.add("rotated", timing(rotation))
        for (name, value) in rotation.settings.sorted(by: { $0.key < $1.key }) { details.add("rotator \(name)", value) }
        details.add("overlap", rotation.overlap)
        details.add("retired", retirement(rotation))
        details.add("jitter", rotation.jitter)
        details.add("window", rotation.window.map { "\($0) UTC" })
        details.add("if missed", rotation.missed == .next ? "left out" : nil)
        details.add("set up by", rotation.author)
        details.add("paused since", rotation.pausedSince?.description)
        details.add("last rotated", rotation.lastRotated?.description)
        details.add("next due", rotation.due?.description)
        details.add("step", rotation.step == "idle" ? nil : rotation.step)
        details.add("pending version", rotation.pending.map(String.init))
        details.add("next attempt", rotation.nextAttempt?.description)
        details.add("attempts", rotation.attempts == 0 ? nil : "\(rotation.attempts) of this step failed")
        details.add("candidates", rotation.candidates <= 1 ? nil : "\(rotation.candidates)")
        details.add("last error", error(rotation))
        details.add("abort", rotation.aborting == true ? "asked for" : nil)
        for orphan in rotation.possibleOrphans ?? [] {
            details.add(isHonoured(orphan) ? "honoured still" : "possible orphan", words(orphan))
        }
        details.add("to be ended", rotation.orphans.joined(separator: ", "))
        details.add("left out", rotation.skipped == 0 ? nil : "\(rotation.skipped) rotations so far")
        details.add("retired after", rotation.retireAfter?.description)
        if let deadline = rotation.retireDeadline, deadline != rotation.retireAfter {
            details.add("at the latest", deadline.description)
        }
        for consumer in rotation.consumers ?? [] {
            details.add(consumer.holdsBack ? "held back by" : "used by", words(consumer))
        }
    }

    /// One line that says what happened: `payments/stripe: version 4, overlapping, version 3 honoured until …`.
    static func line(_ key: KeyMetadata) -> String {
        var words = ["version \(key.current)"]
        guard let rotation = key.rotation else { return "\(Inert.line(key.path)): \(words[0]), not rotated" }
        words.append(state(rotation.state, isPaused: rotation.paused))
        if let pending = rotation.pending { words.append("version \(pending) pending") }
        if let error = error(rotation) { words.append(error) }
        if rotation.aborting == true { words.append("abort asked for") }
        if let next = rotation.nextAttempt, rotation.error != nil { words.append("next attempt \(next)") }
        if let orphans = rotation.possibleOrphans {
            for orphan in orphans {
                words.append(isHonoured(orphan) ? "\(name(orphan)) honoured still" : "possible orphan \(name(orphan))")
            }
        }
        if let previous = key.previous, let until = key.previousUntil {
            words.append("version \(previous) honoured until \(until)")
        } else if rotation.state == .scheduled, let due = rotation.due {
            words.append("due \(due)")
        }
        return Inert.line("\(key.path): \(words.joined(separator: ", "))")
    }

    /// Where it stands, and that it is paused where that is not all: what is under way goes on to its end.
    static func state(_ state: KeyRotationState, isPaused: Bool) -> String {
        isPaused && state != .paused ? "\(state.rawValue), paused" : state.rawValue
    }

    /// `unauthorized in create`, without its time.
    static func error(_ rotation: KeyRotation) -> String? {
        rotation.error.map { error in rotation.errorStep.map { "\(error) in \($0)" } ?? error }
    }

    /// What is wrong, for a table: the error, that somebody gave the rotation up, and that something was left behind.
    static func trouble(_ rotation: KeyRotation) -> String {
        var words = error(rotation).map { [$0] } ?? []
        if rotation.aborting == true { words.append("abort asked for") }
        let isLeft = rotation.possibleOrphans?.contains { !isHonoured($0) } ?? false
        if isLeft, rotation.error != "possible_orphan" { words.append("possible_orphan") }
        return words.joined(separator: ", ")
    }

    /// Whether it lost its place to a value by hand, and is ended with that.
    private static func isHonoured(_ orphan: PossibleOrphan) -> Bool { orphan.step == "overlap" }

    private static func name(_ orphan: PossibleOrphan) -> String { orphan.handle ?? "marked \(orphan.mark)" }

    private static func words(_ orphan: PossibleOrphan) -> String {
        isHonoured(orphan)
            ? "\(name(orphan)), replaced by hand at \(orphan.since), ended with the version that took its place"
            : "\(name(orphan)), since \(orphan.since), left in \(orphan.step)"
    }

    /// Who keeps the version before from being ended.
    static func holders(_ rotation: KeyRotation) -> String {
        (rotation.consumers ?? []).filter(\.holdsBack).map(name).joined(separator: ", ")
    }

    static func words(_ consumer: KeyConsumer) -> String {
        "\(name(consumer)): version \(consumer.version) at \(consumer.seen)"
    }

    private static func name(_ consumer: KeyConsumer) -> String {
        let name = consumer.name.flatMap { $0.isEmpty ? nil : $0 } ?? consumer.caller
        return consumer.instance.isEmpty ? name : "\(name)/\(consumer.instance)"
    }

    private static func timing(_ rotation: KeyRotation) -> String {
        if let every = rotation.every { return "every \(every) by \(rotation.rotator)" }
        if let schedule = rotation.schedule { return "at \(schedule) by \(rotation.rotator)" }
        return "when asked, by \(rotation.rotator)"
    }

    private static func retirement(_ rotation: KeyRotation) -> String? {
        guard rotation.retire == .whenAcknowledged else { return nil }
        return "when acknowledged" + (rotation.deadline.map { ", at the latest after \($0)" } ?? "")
    }
}

/// How long ago something was, in the largest unit that fits once.
enum Age {
    /// - Parameters: milliseconds since 1970.
    static func text(of moment: Int64, at now: Int64) -> String {
        let seconds = max(0, now - moment) / 1000
        for (length, unit) in [(86_400, "d"), (3_600, "h"), (60, "m")] as [(Int64, String)] where seconds >= length {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}
