internal import ArgumentParser
internal import IssuedKeys
internal import VaultAPI

/// How a key is to be replaced.
struct RotationOptions: ParsableArguments {
    @Option(
        help: "Who makes the new value: generate, issuer, http, postgres, aws-iam, command or manual.")
    var rotator: String?

    @Option(help: "Replace it so often: 30d, 60d, 90d, or any time from 1m up.")
    var every: String?

    @Option(help: "Replace it at these times: five fields of cron, in UTC, such as \"0 3 1 * *\".")
    var schedule: String?

    @Option(
        name: .customLong("rotator-setting"),
        help: "What the rotator wants to know: NAME=VALUE, such as length=40. May be repeated.")
    var rotatorSettings: [String] = []

    @Option(help: "Spread rotations over so long, so that not all keys are replaced at one moment.")
    var jitter: String?

    @Option(help: "Begin only between these times of day, in UTC, such as 22:00-04:00.")
    var window: String?

    @Option(help: "What becomes of a rotation that nobody could do in its time: now or next (default: now).")
    var missed: MissedRotation?

    @Option(
        help: "When the version before ends: after-overlap, or when-acknowledged, once all who use it have the new one."
    )
    var retire: RetirementRule?

    @Option(help: "With when-acknowledged: when it ends at the latest, such as 7d after the rotation.")
    var deadline: String?
}

extension RotationOptions {
    /// What `--clear` takes away of a rotation.
    enum Clearable: String, CaseIterable {
        case every, schedule, overlap, jitter, window
    }

    /// Whether anything is said about rotation.
    var areGiven: Bool {
        [rotator, every, schedule, jitter, window, deadline].contains { $0 != nil } || missed != nil || retire != nil
            || !rotatorSettings.isEmpty
    }

    /// All that a key is to have, or nil where nothing is said.
    ///
    /// - Throws: a usage failure that names the option.
    func whole(overlap: String?) throws(Failure) -> RotationRequest? {
        guard areGiven else { return nil }
        guard let rotator else {
            throw .usage(
                "say who makes the new value with --rotator",
                hint: "keyturn edit changes single settings of a rotation that is there")
        }
        return try applied(to: RotationRequest(rotator: rotator), overlap: overlap, clear: [])
    }

    /// What is there with what is said instead of it.
    ///
    /// - Parameter current: nil where the key is not rotated.
    /// - Throws: a usage failure that names the option.
    func merged(
        into current: RotationRequest?, overlap: String?, clear: Set<Clearable>
    ) throws(Failure) -> RotationRequest {
        guard var request = current ?? rotator.map({ RotationRequest(rotator: $0) }) else {
            throw .usage("the key is not rotated yet", hint: "say who makes the new value with --rotator")
        }
        if let rotator, rotator != request.rotator {
            // The settings of another rotator mean nothing to this one.
            request.rotator = rotator
            request.settings = nil
        }
        return try applied(to: request, overlap: overlap, clear: clear)
    }

    private func applied(
        to request: RotationRequest, overlap: String?, clear: Set<Clearable>
    ) throws(Failure) -> RotationRequest {
        var request = request
        guard every == nil || schedule == nil else { throw .usage("give --every or --schedule, not both") }
        for (piece, value) in [
            (Clearable.every, every), (.schedule, schedule), (.overlap, overlap), (.jitter, jitter), (.window, window),
        ] where clear.contains(piece) && value != nil {
            throw .usage("\(piece.rawValue) is both given and cleared")
        }
        if clear.contains(.every) { request.every = nil }
        if clear.contains(.schedule) { request.schedule = nil }
        if clear.contains(.overlap) { request.overlap = nil }
        if clear.contains(.jitter) { request.jitter = nil }
        if clear.contains(.window) { request.window = nil }
        if let every { (request.every, request.schedule) = (try Self.duration(every, "--every"), nil) }
        if let schedule { (request.schedule, request.every) = (schedule, nil) }
        if let overlap { request.overlap = try Self.duration(overlap, "--overlap") }
        if let jitter { request.jitter = try Self.duration(jitter, "--jitter") }
        if let missed { request.missed = missed }
        if let retire {
            request.retire = retire
            if retire == .afterOverlap { request.deadline = nil }
        }
        if let deadline { request.deadline = try Self.duration(deadline, "--deadline") }
        if let window {
            guard let parsed = DayWindow(parsing: window) else {
                throw .usage("--window takes two different times of day in UTC, such as 22:00-04:00")
            }
            request.window = parsed
        }
        if !rotatorSettings.isEmpty { request.settings = try Self.settings(rotatorSettings) }
        return request
    }

    private static func duration(_ text: String, _ option: String) throws(Failure) -> String {
        do { _ = try DurationText.milliseconds(text) } catch { throw .usage("\(option): \(error)") }
        return text
    }

    /// A value may hold anything, further equals signs too.
    private static func settings(_ texts: [String]) throws(Failure) -> [String: String] {
        var settings: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw .usage("--rotator-setting takes NAME=VALUE, such as length=40")
            }
            let value = String(text[text.index(after: equals)...])
            guard settings.updateValue(value, forKey: String(text[..<equals])) == nil else {
                throw .usage("--rotator-setting gives one name twice")
            }
        }
        return settings
    }
}

extension MissedRotation: ExpressibleByArgument {}
extension RetirementRule: ExpressibleByArgument {}
extension KeyRotationState: ExpressibleByArgument {}
