internal import ArgumentParser
internal import Audit
internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// `keyturn audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Follow the chain of the audit log, and name the first entry that is bad or missing.",
        discussion: """
            Asks the server, which also holds the log against the head that is sealed in the store: a tail that was \
            cut off shows. With --log the folder is read here, without a server; then a cut tail shows only against \
            a checkpoint that was kept elsewhere.

            Breaks that an operator went on with by `unseal --accept-log` are told and passed over: the server knows them, \
            and so does a checkpoint that was signed later. Ends with 0 where nothing is wrong, with 7 where nothing is \
            but for accepted breaks, and with 1 where something is that nobody has accepted.

              keyturn audit verify
              keyturn audit verify --log /var/lib/keyturn/audit \\
                --checkpoint checkpoint --public-key "$(cat checkpoint.pub)"
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Option(help: "Read the log in this folder, without a server.", completion: .directory)
    var log: String?

    @Option(help: "A file with a checkpoint: the log must hold what it held then.", completion: .file())
    var checkpoint: String?

    @Option(help: "The public key that has signed it; without --log the server's unless given.")
    var publicKey: String?

    @Flag(help: "The oldest files may have been moved away.")
    var mayBeginLater = false

    func run() async throws {
        if log != nil, checkpoint != nil, publicKey == nil {
            throw Failure.usage("--checkpoint needs the --public-key that signed it")
        }
        if checkpoint == nil, publicKey != nil { throw Failure.usage("--public-key goes with --checkpoint") }
        Console.progress("Following the chain …")
        let reply = if let log { try offline(log) } else { try await online() }
        if json.isOn { try Console.json(reply) } else { try print(reply) }
        if !reply.ok { throw QuietExit(code: .failed) }
        if reply.accepted?.isEmpty == false { throw QuietExit(code: .accepted) }
    }

    private func online() async throws -> AuditVerificationReply {
        try await vault.withVault(.administration) { vault in
            var head: String?
            if let checkpoint {
                var key = publicKey
                if key == nil { key = try await vault.auditCheckpoint().publicKey }
                let known = try Self.read(checkpoint, key ?? "").head
                head = "\(known.sequence):\(known.hash)"
            }
            return try await vault.verifyAudit(head: head, mayBeginLater: mayBeginLater)
        }
    }

    private func offline(_ folder: String) throws -> AuditVerificationReply {
        let known = try checkpoint.map { try Self.read($0, publicKey ?? "") }
        let began = ContinuousClock.now
        let found: AuditVerification
        do throws(AuditError) {
            found = try AuditVerifier(folder: folder).verify(
                against: known.map { [$0.head] } ?? [], accepted: known?.accepted ?? [], mayBeginLater: mayBeginLater)
        } catch {
            throw Failure(.failed, "\(folder): \(error)")
        }
        let took = began.duration(to: .now).components
        return AuditVerificationReply(
            found, sealed: known?.head.sequence ?? 0,
            milliseconds: took.seconds * 1_000 + took.attoseconds / 1_000_000_000_000_000)
    }

    /// A checkpoint that `key` has signed.
    private static func read(_ file: String, _ key: String) throws(Failure) -> Checkpoint {
        let note = try SecretFile.read(file, named: "--checkpoint", limit: 65_536).disclosedText() ?? ""
        do throws(CheckpointError) {
            return try Checkpoint(verifying: note, by: try CheckpointKey(parsing: key))
        } catch {
            throw Failure(.failed, "--checkpoint \(file): \(explanation(error))")
        }
    }

    private static func explanation(_ error: CheckpointError) -> String {
        switch error {
        case .badKey: "the public key is not one: name+01234567+base64"
        case .notSigned: "not signed by this key"
        case .badSignature: "signed in this key's name by somebody else"
        default: "this is no checkpoint"
        }
    }

    private func print(_ reply: AuditVerificationReply) throws {
        // Too few for a rate take no millisecond.
        let rate = reply.entries * 1_000 / UInt64(max(reply.milliseconds, 1))
        try Console.out(
            "\(reply.entries) entries checked, \(reply.first) to \(reply.last), in \(reply.files) \(reply.files == 1 ? "file" : "files"), \(rate) a second"
        )
        let accepted = reply.accepted ?? []
        if let problem = reply.problem {
            try Console.out("\(problem.kind): \(Inert.line(problem.detail))")
            if let file = problem.file { try Console.out("file:  \(Inert.line(file))") }
        } else {
            try Console.out(accepted.isEmpty ? "nothing is wrong" : "nothing is wrong but for what was accepted")
        }
        for one in accepted { try Console.out("accepted: \(Inert.line(Self.text(one)))") }
    }

    private static func text(_ accepted: AuditVerificationReply.Accepted) -> String {
        var text = accepted.detail
        if let through = accepted.through, accepted.kind == "cut" { text += ", up to entry \(through)" }
        if let number = accepted.goesOn { text += "; the log goes on with entry \(number)" }
        text += "; accepted \(accepted.time) with key slot \(accepted.slot)"
        if let caller = accepted.caller { text += " by \(caller)" }
        return text + ", as entry \(accepted.entry) says"
    }
}

extension AuditVerificationReply {
    init(_ found: AuditVerification, sealed: UInt64, milliseconds: Int64) {
        let problem = found.finding.map {
            Problem(
                kind: $0.problem.rawValue, sequence: $0.sequence, through: $0.through, file: $0.file,
                detail: $0.explanation)
        }
        self.init(
            ok: problem == nil, problem: problem, entries: found.entries, first: found.first,
            last: found.head.sequence, hash: found.head.hash.description, files: found.files, bytes: found.bytes,
            sealed: sealed, milliseconds: milliseconds, outcome: found.outcome.rawValue,
            accepted: found.accepted.map {
                AuditVerificationReply.Accepted($0, found.acceptances[$0.entry.sequence])
            })
    }
}

extension AuditVerificationReply.Accepted {
    init(_ accepted: AcceptedBreak, _ record: AuditRecord?) {
        self.init(
            kind: accepted.place.problem.rawValue, sequence: accepted.place.sequence, through: accepted.place.through,
            goesOn: accepted.place.after.map { $0.sequence + 1 }, entry: accepted.entry.sequence,
            time: VaultAPI.Timestamp(milliseconds: accepted.time).description, slot: Int(accepted.slot),
            caller: record?.callerWords, detail: accepted.place.explanation)
    }
}
