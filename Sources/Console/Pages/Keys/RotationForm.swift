internal import Rotation
internal import Vault

/// The fields that say how a key is rotated.
enum RotationForm {
    static func fields(_ form: FormFields, _ vault: Vault) -> [FormField] {
        [
            FormField(
                name: "rotator", label: "Rotator",
                kind: .choice([("", "Not rotated")] + vault.rotatorNames.map { ($0, $0) }), value: form["rotator"],
                hint: "What makes the new value and ends the old one."),
            FormField(
                name: "every", label: "Every", value: form["every"],
                hint: "A duration such as 30d, 60d or 90d. Empty: on the schedule, or when somebody asks.",
                placeholder: "90d", isMono: true),
            FormField(
                name: "overlap", label: "Overlap", value: form["overlap"],
                hint: "How long the version before stays valid, such as 24h.", placeholder: "24h", isMono: true),
        ]
    }

    static func furtherFields(_ form: FormFields) -> [FormField] {
        [
            FormField(
                name: "schedule", label: "Schedule", value: form["schedule"],
                hint: "Instead of an interval: five fields of cron, in UTC.", placeholder: "0 4 1 * *", isMono: true),
            FormField(
                name: "settings", label: "Settings of the rotator", kind: .area, value: form["settings"],
                hint: "One per line, as name=value, such as length=40. Never a secret.", isMono: true),
            FormField(
                name: "jitter", label: "Jitter", value: form["jitter"],
                hint: "A rotation begins up to this much later, so that many do not begin at once.", isMono: true),
            FormField(
                name: "missed", label: "A rotation that was missed",
                kind: .choice([("now", "Is made up for at once"), ("next", "Waits for the next time")]),
                value: form.text("missed") ?? "now"),
            FormField(
                name: "retire", label: "The version before ends",
                kind: .choice([
                    ("after-overlap", "After the overlap"),
                    ("when-acknowledged", "When everybody who fetched it has fetched the new one"),
                ]), value: form.text("retire") ?? "after-overlap"),
            FormField(
                name: "deadline", label: "And at the latest after", value: form["deadline"],
                hint: "Goes with the choice above.", isMono: true),
            FormField(
                name: "window", label: "Only between", value: form["window"],
                hint: "Times of the day in UTC between which a rotation may begin, such as 02:00-05:00.", isMono: true),
        ]
    }

    /// What the form asks for; nil: not rotated.
    static func settings(_ form: FormFields, paused: Bool = false, _ errors: inout FieldErrors)
        -> RotationSettingsInput?
    {
        let rotator = form["rotator"]
        guard !rotator.isEmpty else {
            if form.text("every") != nil || form.text("schedule") != nil {
                errors.add("rotator", "Choose a rotator, or leave the interval empty")
            }
            return nil
        }
        func duration(_ name: String) -> Int64? {
            switch FormKit.duration(form[name]) {
            case .success(let length): return length
            case .failure(let mistake):
                errors.add(name, mistake.text)
                return nil
            }
        }
        let every = duration("every")
        if every != nil, form.text("schedule") != nil {
            errors.add("schedule", "A rotation has an interval or a schedule, not both")
        }
        return RotationSettingsInput(
            rotator: rotator,
            timing: every.map { .every($0) } ?? form.text("schedule").map { .schedule($0) } ?? .whenAsked,
            settings: pairs(form["settings"], &errors), overlap: duration("overlap"), jitter: duration("jitter"),
            deadline: duration("deadline"), missed: form["missed"] == "next" ? .next : .now,
            retire: RotationSettingsInput.Retirement(rawValue: form["retire"]) ?? .afterOverlap,
            window: window(form["window"], &errors), paused: paused)
    }

    private static func pairs(_ text: String, _ errors: inout FieldErrors) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = FormKit.trimmed(String(sides[0]))
            guard sides.count == 2, !name.isEmpty, pairs[name] == nil else {
                errors.add("settings", "Write one setting per line, as name=value, each name once")
                continue
            }
            pairs[name] = FormKit.trimmed(String(sides[1]))
        }
        return pairs
    }

    private static func window(_ text: String, _ errors: inout FieldErrors) -> RotationWindow? {
        guard !text.isEmpty else { return nil }
        let sides = text.split(separator: "-").map { minutes(FormKit.trimmed(String($0))) }
        guard sides.count == 2, let from = sides[0], let until = sides[1] else {
            errors.add("window", "Write two times of the day with - between, such as 02:00-05:00")
            return nil
        }
        return RotationWindow(from: from, until: until)
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, (0...23).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
        return parts[0] * 60 + parts[1]
    }

    /// The settings of a key as the form shows them.
    static func texts(_ settings: RotationSettingsInput) -> [(name: String, value: String)] {
        var texts: [(String, String)] = [
            ("rotator", settings.rotator), ("overlap", words(settings.overlap)), ("jitter", words(settings.jitter)),
            ("deadline", words(settings.deadline)), ("missed", settings.missed == .next ? "next" : "now"),
            ("retire", settings.retire.rawValue),
            (
                "settings",
                settings.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                    .joined(separator: "\n")
            ),
        ]
        switch settings.timing {
        case .every(let length): texts.append(("every", words(length)))
        case .schedule(let text): texts.append(("schedule", text))
        case .whenAsked: break
        }
        if let window = settings.window { texts.append(("window", "\(time(window.from))-\(time(window.until))")) }
        return texts
    }

    private static func words(_ length: Int64?) -> String {
        length.flatMap { $0 > 0 ? DurationWords.text($0) : nil } ?? ""
    }

    private static func time(_ minutes: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
