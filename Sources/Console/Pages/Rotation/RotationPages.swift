internal import Policy
internal import Vault

extension Page {
    /// What is due, what is in trouble, and what a rotation would do.
    static let rotations: [Page] = [
        Page(.get, "/rotation") { try RotationOverview.show($0) },
        Page(.post, "/rotation:confirm-time") { visit in
            _ = try await visit.vault.confirmTime(visit.requester)
            return .done(Notice(text: "The clock is believed, and rotations go on by it."), to: "/console/rotation")
        },
        Page(.get, "/keys/{path}:plan") { try RotationPlanPage.show($0) },
    ]
}
