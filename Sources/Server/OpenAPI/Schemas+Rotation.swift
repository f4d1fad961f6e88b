extension Schemas {
    private static let state = Schema.words([
        "scheduled", "due", "rotating", "overlapping", "failing", "held", "overdue", "paused",
    ])
    private static let missed = Schema.words(["now", "next"])
    private static let retire = Schema.words(["after-overlap", "when-acknowledged"])

    private static let consumer = Schema.object([
        .always("caller", .text, "`access-key:<id>`, with the id of the first of its line, or `unix-user:<number>`."),
        .maybe("name", .text), .always("instance", .text, "As it said in `Keyturn-Instance`; else empty."),
        .always("version", .integer, "The newest that it fetched or acknowledged."), .always("seen", .time),
        .always("holds_back", .boolean, "Whether the version before is kept because of it."),
    ])

    private static let possibleOrphan = Schema.object([
        .maybe("handle", .text, "The provider's name for it."),
        .always("mark", .text, "What is in its name or tag; ends with `-` where that is only the beginning."),
        .always(
            "step", .text,
            "The step that was given up; `overlap`: honoured still, and ended with the value by hand in its place."),
        .always("since", .time, "About when it was made, or when the step was given up, or the place lost."),
    ])

    private static let report: [Schema.Property] = [
        .always("rotator", .text), .maybe("every", .text), .maybe("schedule", .text),
        .always("settings", .map(.text)), .maybe("overlap", .text), .always("missed", missed),
        .always("retire", retire), .maybe("deadline", .text), .maybe("jitter", .text), .maybe("window", .text),
        .always("paused", .boolean), .maybe("paused_since", .time),
        .always("author", .text, "Who wrote the settings, and in whose name each run is authorised."),
        .always("state", state), .always("step", .text, "The step that is under way or waits."),
        .maybe("due", .time, "When the next rotation is due."),
        .maybe("next_attempt", .time, "When something is tried next."), .maybe("last_rotated", .time),
        .always("attempts", .integer, "Failures of this step in a row."), .always("candidates", .integer),
        .maybe("pending", .integer, "The version that is being rotated in."),
        .maybe("error", .text, "Why the last step did not succeed."), .maybe("error_step", .text),
        .maybe("error_time", .time),
        .always("orphans", .texts, "Credentials that still have to be ended, by the provider's names for them."),
        .maybe("aborting", .boolean, "Somebody asked for the end of this rotation; what it made is ended first."),
        .maybe(
            "possible_orphans", .array(possibleOrphan),
            "What rotations that were given up, or values by hand, may have left there."),
        .always("skipped", .integer, "Rotations that were left out so far."),
        .maybe("retire_after", .time, "Until when the version before is honoured at least."),
        .maybe("retire_deadline", .time, "Until when at the latest."), .maybe("consumers", .array(consumer)),
    ]

    /// The rotation of keys.
    static let rotation: [String: Schema] = [
        "RotationRequest": .object([
            .always("rotator", .text, "`generate`, `issuer`, `http`, `postgres`, `aws-iam`, `command` or `manual`."),
            .maybe("every", .text, "How long after a rotation the next one is due, such as `90d`."),
            .maybe("schedule", .text, "The same as five fields of cron, in UTC."),
            .maybe("settings", .map(.text), "What the rotator wants to know; no secrets."),
            .maybe("overlap", .text, "How long the version before is still honoured, such as `24h`."),
            .maybe("missed", missed, "What becomes of a rotation that nobody could do in its time; `now` unless said."),
            .maybe("retire", retire, "When the version before ends; `after-overlap` unless said."),
            .maybe("deadline", .text, "With `when-acknowledged`: when it ends at the latest, from the rotation on."),
            .maybe("jitter", .text, "By how much a rotation may be late."),
            .maybe("window", .text, "Times of day in UTC between which it may begin, such as `22:00-04:00`."),
            .maybe("paused", .boolean),
        ]),
        "KeyRotation": .object(report),
        "RotateRequest": .object([
            .maybe("end_overlap", .boolean, "End the version before at once, where it is still honoured.")
        ]),
        "AcknowledgeRequest": .object([
            .maybe("version", .integer, "The current one unless said."), .maybe("instance", .text),
        ]),
        "AcknowledgeReply": .object([.always("path", .text), .always("version", .integer)]),
        "RotationEntry": .object(
            [
                .always("path", .text), .always("id", .text), .always("current", .integer),
                .maybe("previous", .integer), .maybe("previous_until", .time),
            ] + report),
        "RotationList": .object([
            .always("rotations", .array(.named("RotationEntry"))), .maybe("cursor", .text),
        ]),
        "RotationPlan": .object([
            .always("path", .text), .always("rotator", .text), .always("state", state),
            .maybe("paused", .boolean, "Nothing is begun until it is unpaused."), .maybe("begins", .time),
            .always(
                "steps",
                .array(
                    .object([
                        .always("step", .text), .always("what", .text),
                        .always("outside", .boolean, "Whether somebody outside is asked."), .maybe("at", .time),
                    ]))), .always("later", .array(.time), "When those after it are due."),
            .always("hosts", .texts), .always("issuers", .texts), .always("keys", .texts),
            .always("permitted", .boolean, "Whether whoever wrote the settings may reach all of that now."),
            .always("consumers", .array(consumer)),
        ]),
        "ConfirmTimeReply": .object([.always("time", .time)]),
        "RotationsRestoredReply": .object([.always("keys", .integer, "How many keys are rotated.")]),
        "RotationHealth": .object([
            .always("failing", .integer), .always("overdue", .integer), .always("held", .integer),
            .always("clock_held", .boolean, "Whether the clock was put so far forward that it is not believed."),
            .maybe("errors", .map(.integer), "Keys whose last step did not succeed, by the reason."),
            .maybe("next", .time, "When a rotation goes on by itself next."),
        ]),
    ]
}
