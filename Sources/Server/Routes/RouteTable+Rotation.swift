extension RouteTable {
    /// The rotation of keys.
    static let rotation: [Route] = [
        Route(
            .listRotations, "GET", "/v1/rotations",
            "The keys that are rotated, in the order in which they are due, and where each stands.",
            query: [
                .text(
                    "state",
                    """
                    Only keys in this state, or in one of several with commas between: `scheduled`, `due`, `rotating`, \
                    `overlapping`, `failing`, `held`, `overdue`, `paused`.
                    """),
                .text("due_before", "Only keys that are due before this time."),
                .text("prefix", "Only the keys at and below this path; a slash at its end makes no difference."),
                .limit, .cursor,
            ],
            replies: [.ok("RotationList")]),
        Route(
            .rotationsWereRestored, "POST", "/v1/rotations:restored",
            """
            Have each rotation ask its provider before it goes on, after a backup was put back together with its audit \
            log.
            """,
            replies: [.ok("RotationsRestoredReply")]),
        Route(
            .rotateKey, "POST", "/v1/keys/{path}:rotate",
            "Begin a key's rotation now. Answers when that is written down, and does not wait for the provider.",
            body: .json("RotateRequest", isOptional: true), replies: [.ok("KeyMetadata")]),
        Route(
            .planRotation, "POST", "/v1/keys/{path}:plan",
            "What the next rotation of a key would do and when, without doing it.", replies: [.ok("RotationPlan")]),
        Route(
            .resumeRotation, "POST", "/v1/keys/{path}:resume",
            "Try again now what failed, or go on with what is held.", replies: [.ok("KeyMetadata")]),
        Route(
            .abortRotation, "POST", "/v1/keys/{path}:abort", "Give up the rotation that is under way.",
            replies: [.ok("KeyMetadata")]),
        Route(
            .rollBackRotation, "POST", "/v1/keys/{path}:rollback",
            "Go back to the version before, while it is honoured.", replies: [.ok("KeyMetadata")]),
        Route(
            .pauseRotation, "POST", "/v1/keys/{path}:pause", "Begin no rotation of a key until it is unpaused.",
            replies: [.ok("KeyMetadata")]),
        Route(
            .unpauseRotation, "POST", "/v1/keys/{path}:unpause", "Let a paused key be rotated again.",
            replies: [.ok("KeyMetadata")]),
        Route(
            .acknowledgeKey, "POST", "/v1/keys/{path}:acknowledge",
            "Say that a version is in use, so that the one before is not kept for this caller.",
            body: .json("AcknowledgeRequest", isOptional: true), replies: [.ok("AcknowledgeReply")]),
        Route(
            .confirmTime, "POST", "/v1/seal:confirm-time",
            "Say that the server's clock is right, after it was put far forward.", replies: [.ok("ConfirmTimeReply")]),
    ]
}
