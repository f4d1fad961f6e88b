extension RouteTable {
    /// Opening, closing and keeping the vault.
    static let sealing: [Route] = [
        Route(
            .initialize, "POST", "/v1/seal:initialize",
            "Make the vault. The body is the passphrase of slot 0. Needs the operator's socket or the one-time token.",
            query: [
                .flag(
                    "accept_recovery_code", "Store at once, instead of waiting for the recovery code to be typed back.")
            ] + derivationCosts,
            headers: [.text("Keyturn-Init-Token", "What is in the file `init-token` of the data folder.")],
            body: .secret, replies: [.ok("InitializeReply")]),
        Route(
            .confirm, "POST", "/v1/seal:confirm",
            "Store the vault that was made. The body is the recovery code, typed back.",
            query: [.text("ceremony", "What `:initialize` gave.")], body: .secret, replies: [.ok("ConfirmReply")]),
        Route(
            .unseal, "POST", "/v1/seal:unseal", "Open the vault. The body is a passphrase or the recovery code.",
            query: [
                .slot,
                .flag("accept_damage", "Open for reading only where the store or the audit log is damaged."),
                .flag("accept_log", "Go on with an audit log that is not the one that the store knows."),
            ],
            body: .secret, replies: [.ok("UnsealReply")]),
        Route(
            .seal, "POST", "/v1/seal:seal", "Close the vault: nothing that opens it stays in memory.",
            replies: [.ok("SealReply")]),
        Route(
            .authorize, "POST", "/v1/seal:authorize",
            "Show a passphrase again, to be allowed one change of the slots. The body is the passphrase.",
            query: [.slot], body: .secret, replies: [.ok("AuthorizeReply")]),
        Route(
            .recoverAccess, "POST", "/v1/seal:recover-access",
            "Get a new access key with the policy `administrator` for a passphrase. On the operator's socket only.",
            query: [.slot], body: .secret, replies: [.ok("RecoverAccessReply")]),
        Route(
            .rekey, "POST", "/v1/seal:rekey",
            "Seal everything anew under new keys, with only the slots that are shown.",
            headers: [.authorization], replies: [.ok("RekeyReply")]),
        Route(.listSlots, "GET", "/v1/slots", "The ways to open the vault.", replies: [.ok("SlotList")]),
        Route(
            .putSlot, "PUT", "/v1/slots/{number}",
            "Add a passphrase where the slot is free, or replace one. The body is the new passphrase.",
            query: [.flag("replace", "Replace the passphrase that the slot has.")] + derivationCosts,
            headers: [.authorization],
            body: .secret, replies: [.ok("KeySlot")]),
        Route(
            .newRecoveryCode, "POST", "/v1/slots/{number}:recovery", "Make a new recovery code in a slot.",
            query: derivationCosts, headers: [.authorization], replies: [.ok("SlotRecoveryReply")]),
        Route(
            .removeSlot, "DELETE", "/v1/slots/{number}", "Remove a way to open the vault; never the last one.",
            headers: [.authorization], replies: [.ok("SlotRemoval")]),
        Route(
            .rotateKeyring, "POST", "/v1/keyring:rotate", "Make a new data key, for what is sealed from now on.",
            replies: [.ok("KeyringRotation")]),
        Route(
            .rewrapKeyring, "POST", "/v1/keyring:rewrap", "Seal everything under the current data key.",
            replies: [.ok("KeyringRewrap")]),
        Route(
            .verifyStore, "POST", "/v1/store:verify", "Open every record once, and name those that are damaged.",
            replies: [.ok("StoreVerification")]),
    ]

    /// What deriving the key of a new slot is to cost.
    private static var derivationCosts: [Route.Parameter] {
        [
            .flag("calibrate", "Measure first, and let a derivation take about 1.5 seconds on this machine."),
            .integer("memory_kib", 1...16_777_216, "Memory of Argon2id in KiB."),
            .integer("iterations", 1...1_000, "Passes of Argon2id."),
            .integer("parallelism", 1...64, "Lanes of Argon2id."),
        ]
    }
}
