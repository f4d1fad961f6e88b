internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn rotations`.
struct RotationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotations",
        abstract: "List the keys that are rotated, and where each stands.",
        discussion: """
            In the order in which they are due. AGE is that of the current value, WAITS FOR those who still use the \
            version before and keep it from being ended.

              keyturn rotations --failing --held
              keyturn rotations payments --due-within 7d
              keyturn rotations --overdue --json

            ERROR also says where an end was asked for that is not there yet (`abort asked for`), and where a credential may \
            be left at the provider (`possible_orphan`): `keyturn show PATH` names it.

            States: scheduled, due, rotating, overlapping, failing (tried again by itself), held (waits for a person), \
            overdue, paused. `--state paused` finds every key that is paused, also one whose overlap goes on to its end.
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Only keys at and below this path.")
    var prefix: String?

    @Option(name: .customLong("state"), help: "Only keys in this state. May be repeated.")
    var states: [KeyRotationState] = []

    @Flag(help: "Only keys whose time has come.")
    var due = false

    @Option(help: "Only keys that are due within so long, such as 7d, or before a time.")
    var dueWithin: String?

    @Flag(help: "Only keys whose last attempt failed.")
    var failing = false

    @Flag(help: "Only keys that wait for a person.")
    var held = false

    @Flag(help: "Only keys that should have been replaced by now.")
    var overdue = false

    @Option(help: "At most so many; all of them unless said.")
    var limit: Int?

    func run() async throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw Failure.usage("--limit takes a number from 1") }
        let now = Surroundings.now
        let search = try search(now: now)
        let entries = try await vault.withVault(.application) { vault in
            try await Pages.collect(limit) { size, cursor in
                let page = try await vault.rotations(search, limit: size, cursor: cursor)
                return (page.rotations, page.cursor)
            }
        }
        if json.isOn { return try Console.json(RotationList(rotations: entries)) }
        var table = Table("PATH", "STATE", "ROTATOR", "AGE", "DUE", "NEXT ATTEMPT", "ERROR", "WAITS FOR")
        for entry in entries {
            let rotation = entry.rotation
            table.add(
                entry.path, RotationDetails.state(rotation.state, isPaused: rotation.paused), rotation.rotator,
                rotation.lastRotated.map { Age.text(of: $0.milliseconds, at: now) } ?? "",
                rotation.due?.description ?? "", rotation.nextAttempt?.description ?? "",
                RotationDetails.trouble(rotation), RotationDetails.holders(rotation))
        }
        try table.print(
            orNote: isNarrowed
                ? "no key that is rotated is so"
                : "no key is rotated yet; `keyturn edit PATH --every 90d --rotator generate` sets it up")
    }

    /// Whether some of the keys that are rotated were asked for, and not all.
    private var isNarrowed: Bool {
        prefix != nil || due || failing || held || overdue || dueWithin != nil || !states.isEmpty
    }

    /// The flags are states; `--due` is a time.
    func search(now: Int64) throws(Failure) -> RotationSearch {
        guard !due || dueWithin == nil else { throw .usage("give --due or --due-within, not both") }
        var states = states
        if failing { states.append(.failing) }
        if held { states.append(.held) }
        if overdue { states.append(.overdue) }
        let before =
            due
            ? Timestamp(milliseconds: now)
            : try dueWithin.map { (text) throws(Failure) in
                try Expiry(text, option: "--due-within").moment(now: now)
            }
        return RotationSearch(states: states, dueBefore: before, prefix: prefix)
    }
}
