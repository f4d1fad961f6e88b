internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn rotation`.
struct RotationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotation",
        abstract: "Plan, steer and mend the rotation of a key.",
        discussion: """
            `keyturn put` and `keyturn edit` set a rotation up, `keyturn rotate` begins one now, `keyturn rotations` \
            lists them, and `keyturn show` has all about one.

              keyturn rotation plan payments/stripe
              keyturn rotation resume payments/stripe
              keyturn rotation rollback payments/stripe
            """,
        subcommands: [
            RotationPlanCommand.self, RotationResumeCommand.self, RotationAbortCommand.self,
            RotationRollbackCommand.self, RotationPauseCommand.self, RotationUnpauseCommand.self,
            RotationsRestoredCommand.self, ConfirmTimeCommand.self,
        ])
}

/// `keyturn rotation resume`.
struct RotationResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Try again now what failed, or go on with what is held.",
        discussion: """
            What is held waits for a person: look at the error and at what is to be ended (`keyturn show PATH`) first. \
            Credentials that may be left over at the provider are yours to end; they are not named again afterwards. \
            Where nothing is held, it says that those of a rotation that was given up have been seen to.

              keyturn rotation resume payments/stripe
            """)

    @OptionGroup var key: RotationKeyOptions

    func run() async throws { try await key.perform(.resume) }
}

/// `keyturn rotation abort`.
struct RotationAbortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Give up the rotation that is under way.",
        discussion: """
            The current version stays. What was made so far is looked for and ended at the provider, and the next \
            rotation is due in its time from now.

            Where that fails, say it again: the rotation then ends all the same, and what may be left at the provider is \
            named here, in `keyturn show` and in the audit log. End it there, then say so with `keyturn rotation resume`.

              keyturn rotation abort payments/stripe
            """)

    @OptionGroup var key: RotationKeyOptions

    func run() async throws { try await key.perform(.abort) }
}

/// `keyturn rotation rollback`.
struct RotationRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to the version before, while it is honoured.",
        discussion: """
            The two change places: the newer one is honoured for the overlap and then ended.

              keyturn rotation rollback payments/stripe
            """)

    @OptionGroup var key: RotationKeyOptions

    func run() async throws { try await key.perform(.rollback) }
}

/// `keyturn rotation pause`.
struct RotationPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Begin no rotation of a key until it is unpaused.",
        discussion: """
            One that is under way goes on to its end. `keyturn rotate` is refused, too: unpause it first.

              keyturn rotation pause payments/stripe
            """)

    @OptionGroup var key: RotationKeyOptions

    func run() async throws { try await key.perform(.pause) }
}

/// `keyturn rotation unpause`.
struct RotationUnpauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause", abstract: "Let a paused key be rotated again.",
        discussion: """
            What was due meanwhile counts as missed: `--missed` says whether it is made up for.

              keyturn rotation unpause payments/stripe
            """)

    @OptionGroup var key: RotationKeyOptions

    func run() async throws { try await key.perform(.unpause) }
}

/// `keyturn rotation restored`.
struct RotationsRestoredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restored", abstract: "Say that a backup was put back together with its audit log.",
        discussion: """
            Each rotation then asks its provider whether the current value works, and what was made since, before it \
            goes on. A store that is older than its audit log is noticed without being told.

              keyturn rotation restored
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.rotationsWereRestored() }
        if json.isOn { return try Console.json(reply) }
        try Console.out("the providers of \(reply.keys) \(reply.keys == 1 ? "key" : "keys") are asked")
    }
}

/// `keyturn rotation confirm-time`.
struct ConfirmTimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm-time", abstract: "Say that the server's clock is right, after it was put far forward.",
        discussion: """
            A clock that is more than 400 days ahead of the last thing that was done is not believed, and no rotation \
            begins or ends, until an operator says so. Compare it with another clock first.

              date -u
              keyturn rotation confirm-time
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let reply = try await vault.withVault(.administration) { try await $0.confirmTime() }
        if json.isOn { return try Console.json(reply) }
        try Console.out("\(reply.time) is believed")
    }
}
