internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn rotation plan`.
struct RotationPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what the rotation of a key would do and when, without doing it.",
        discussion: """
            Nobody is asked and nothing is changed.

              keyturn rotation plan payments/stripe
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    func run() async throws {
        let path = try KeyText.path(path)
        let plan = try await vault.withVault(.application) { try await $0.rotationPlan(of: path) }
        if json.isOn { return try Console.json(plan) }
        var details = Details()
        details.add("path", plan.path)
        details.add("rotator", plan.rotator)
        details.add("state", RotationDetails.state(plan.state, isPaused: plan.paused == true))
        details.add("begins", Self.begins(plan))
        details.add("permitted", plan.permitted ? nil : "no: whoever set it up may not do all of this any more")
        details.add("asks", plan.hosts.joined(separator: ", "))
        details.add("uses issuers", plan.issuers.joined(separator: ", "))
        details.add("reads keys", plan.keys.joined(separator: ", "))
        details.add("then due", plan.later.map(\.description).joined(separator: ", "))
        for consumer in plan.consumers { details.add("used by", RotationDetails.words(consumer)) }
        try details.print()
        var table = Table("STEP", "AT", "WHAT")
        for step in plan.steps { table.add(step.step, step.at?.description ?? "", step.what) }
        try table.print(orNote: "nothing would be done")
    }

    static func begins(_ plan: RotationPlanReply) -> String {
        if let begins = plan.begins { return begins.description }
        if plan.paused == true { return "not while it is paused" }
        return plan.state == .held ? "not while it is held" : "when asked"
    }
}
