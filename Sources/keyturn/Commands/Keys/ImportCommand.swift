internal import ArgumentParser
internal import KeyImport
internal import KeyturnClient
internal import VaultAPI

/// `keyturn import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Store the keys of a .env or JSON file, all of them or none.",
        discussion: """
            Shows first which name becomes which path, and asks at a terminal. By default STRIPE_SECRET_KEY is stored \
            at stripe-secret-key. Values are not shown.

              keyturn import shop.env --prefix shop --dry-run
              keyturn import shop.env --prefix shop --map DATABASE_URL=shop/database
            """)

    /// The most keys of one import.
    static let most = 1000

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "The file, or `-` for standard input.", completion: .file())
    var file: String

    @Option(help: "A path that goes before each.")
    var prefix: String?

    @Option(name: .customLong("map"), help: "NAME=PATH: the path of one name. May be repeated.")
    var mappings: [String] = []

    @Flag(help: "Give keys that are there already a new version, instead of importing nothing.")
    var replace = false

    @Flag(help: "Leave out names whose value is empty, instead of storing an empty value.")
    var skipEmpty = false

    @Flag(help: "Show what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Do not ask first.")
    var yes = false

    func run() async throws {
        let plan = try makePlan()
        if dryRun { return try Console.out(Inert.lines(plan.description)) }
        Console.note(plan.description)
        guard !plan.items.isEmpty else { throw Failure(.failed, "there is nothing to import") }
        guard plan.items.count <= Self.most else {
            throw Failure.usage("an import has at most \(Self.most) keys", hint: "divide the file")
        }
        if let terminal = yes ? nil : Terminal(), Console.errorIsTerminal {
            let count = plan.items.count == 1 ? "this key" : "these \(plan.items.count) keys"
            guard try terminal.confirms("Import \(count)?") else { throw Failure(.failed, "stopped; nothing was done") }
        }
        let request = Self.request(plan, replace: replace)
        let reply = try await vault.withVault(.application) { try await $0.importKeys(request) }
        if json.isOn { return try Console.json(reply) }
        try Console.out(Self.summary(reply))
    }

    /// `2 keys imported`, `1 key replaced`, `2 keys imported, 1 key replaced`.
    static func summary(_ reply: ImportReply) -> String {
        func count(_ paths: [String], _ word: String) -> String {
            "\(paths.count) \(paths.count == 1 ? "key" : "keys") \(word)"
        }
        if reply.replaced.isEmpty { return count(reply.created, "imported") }
        if reply.created.isEmpty { return count(reply.replaced, "replaced") }
        return count(reply.created, "imported") + ", " + count(reply.replaced, "replaced")
    }

    private func makePlan() throws(Failure) -> ImportPlan {
        let source = try SecretFile.read(
            file, named: file == "-" ? "standard input" : "the file", limit: ImportFile.maximumBytes)
        do {
            let rule = try PathRule(prefix: prefix, mappings: mappings)
            return try ImportPlan(
                try ImportFile.read(source), rule: rule, emptyValues: skipEmpty ? .skipped : .imported)
        } catch let error as PathRuleError {
            throw .usage("\(error)")
        } catch let error as ImportPlanError {
            throw Failure(.failed, "the file cannot be imported like this", hints: error.problems.map(\.description))
        } catch {
            throw Failure(.failed, "the file: \(error)")
        }
    }

    static func request(_ plan: ImportPlan, replace: Bool) -> ImportRequest {
        let keys = plan.items.map { item in
            let encoded = EncodedFields(item.fields.map { ($0.name, $0.value) })
            return ImportedKey(path: item.path, fields: encoded.fields, encoding: encoded.encoding)
        }
        return ImportRequest(keys: keys, replace: replace ? true : nil)
    }
}
