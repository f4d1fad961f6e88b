package import Outbound
package import Rotation
internal import SecretMemory

/// The rotator `command`: a program of the operator's, which the server's configuration names.
///
/// Settings: `command`, the name; `lists` (`true` where the program answers `list`); all others, whose names are
/// lower-case letters, digits and `_`, are handed to the program.
package struct CommandRotatorKind: RotatorKind {
    package let name = "command"
    private let programs: [String: OwnedProgram]
    private let milliseconds: Int64

    /// - Parameter milliseconds: that one run may take.
    package init(_ programs: [String: OwnedProgram], milliseconds: Int64 = 30_000) {
        self.programs = programs
        self.milliseconds = milliseconds
    }

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        guard let program = settings["command"].flatMap({ programs[$0] }) else {
            throw RotatorSettingsError("command", "a name from rotator_commands in the server's configuration")
        }
        let lists = settings["lists"] ?? "false"
        guard lists == "true" || lists == "false" else { throw RotatorSettingsError("lists", "true or false") }
        var others: [(name: String, value: String)] = []
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) where name != "command" && name != "lists" {
            guard TemplateName.isName(name), value.utf8.count <= 4_096 else {
                throw RotatorSettingsError(name, "a name of lower-case letters, digits and _, with at most 4096 bytes")
            }
            others.append((name, value))
        }
        return CommandRotator(program: program, lists: lists == "true", settings: others, milliseconds: milliseconds)
    }
}

struct CommandRotator: Rotator {
    let program: OwnedProgram
    let lists: Bool
    let settings: [(name: String, value: String)]
    let milliseconds: Int64

    private static let mostOutput = 64 << 10

    var capabilities: RotatorCapabilities {
        RotatorCapabilities(canList: lists, marksAttempts: lists, patience: milliseconds + 5_000)
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        let answer = await ask("create", context, nil)
        guard case .done(let json) = answer else { return answer.outcome(hasEffect: true) }
        guard case .object(let members) = json.member("fields"), !members.isEmpty else { return .doubtful(.badReply) }
        var fields: [RotationField] = []
        for (name, value) in members {
            guard TemplateName.isName(name), case .string(let bytes) = value else { return .doubtful(.badReply) }
            guard bytes.count > 0 else { return .doubtful(.emptyValue) }
            fields.append(RotationField(name: name, value: bytes))
        }
        fields.sort { $0.name < $1.name }
        let handle = json.member("handle")?.scalar?.handleText ?? ""
        return .done(Candidate(handle: handle, fields: fields))
    }

    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let answer = await ask("test", context, candidate)
        if case .done = answer { return .done }
        return answer.outcome(hasEffect: false)
    }

    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let answer = await ask("retire", context, credential)
        if case .done = answer { return .done }
        return answer.outcome(hasEffect: true)
    }

    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        let answer = await ask("list", context, nil)
        guard case .done(let json) = answer else { return answer.outcome(hasEffect: false) }
        guard case .array(let items) = json.member("items") else { return .notDone(.badReply, retryAfter: nil) }
        var found: [ListedCredential] = []
        for item in items {
            let origin = context.origin(ofMark: item.member("mark")?.scalar?.disclosedText())
            guard let handle = item.member("handle")?.scalar?.handleText else {
                // What others made there is none of this key's, however odd it looks.
                if origin == .another { continue }
                return .notDone(.badHandle, retryAfter: nil)
            }
            found.append(ListedCredential(handle: handle, origin: origin))
        }
        return .done(found)
    }

    // MARK: One run

    private func ask(_ step: String, _ context: RotationContext, _ subject: Candidate?) async -> CommandAnswer {
        guard let question = question(step, context, subject) else { return .failed(.invalidSettings, isCertain: true) }
        switch await program.run(question, milliseconds: milliseconds, most: Self.mostOutput) {
        case .notStarted: return .failed(.commandFailed, isCertain: true)
        case .timedOut: return .failed(.timedOut, isCertain: false)
        case .wroteTooMuch: return .failed(.tooLarge, isCertain: false)
        case .ended(let code, let output):
            guard code == 0 else { return .failed(.commandFailed, isCertain: false) }
            guard let json = ReplyJSON.read(output.withBytes { $0.array }) else {
                return .failed(.badReply, isCertain: false)
            }
            return CommandAnswer(json)
        }
    }

    /// The JSON that the program reads; nil where a field is not UTF-8.
    private func question(_ step: String, _ context: RotationContext, _ subject: Candidate?) -> WipedBytes? {
        var text = "{" + pair("step", step) + "," + pair("key", context.keyPath) + "," + pair("mark", context.mark)
        text += "," + pair("token", context.tokenText) + ",\"settings\":{"
        text += settings.map { pair($0.name, $0.value) }.joined(separator: ",") + "}"
        for (name, credential) in [("current", context.current), ("subject", subject)] {
            guard let credential else { continue }
            var fields: [String] = []
            for field in credential.fields {
                guard let value = field.value.disclosedText() else { return nil }
                fields.append(pair(field.name, value))
            }
            text += ",\"\(name)\":{" + pair("handle", credential.handle)
            text += ",\"fields\":{" + fields.joined(separator: ",") + "}}"
        }
        return WipedBytes(utf8: text + "}\n")
    }

    private func pair(_ name: String, _ value: String) -> String {
        "\"\(name)\":\"\(Template.escape(value, .jsonString) ?? "")\""
    }
}

/// What a program says, or why it says nothing.
private enum CommandAnswer {
    case done(ReplyJSON)
    case rejected(RotationFault, newCandidate: Bool)
    case doubtful(RotationFault)
    case notDone(RotationFault, retryAfter: Int64?)
    /// - isCertain: nothing ran.
    case failed(RotationFault, isCertain: Bool)

    /// The faults that a program may name.
    private static let faults: [RotationFault] = [
        .unreachable, .rateLimited, .serverError, .unauthorized, .forbidden, .refused, .limitReached, .notFound,
        .testFailed, .missingField, .timedOut,
    ]

    init(_ json: ReplyJSON) {
        let named = json.member("reason")?.scalar?.disclosedText().flatMap { RotationFault(rawValue: $0) }
        let fault = named.flatMap { Self.faults.contains($0) ? $0 : nil } ?? .refused
        switch json.member("outcome")?.scalar?.disclosedText() {
        case "done": self = .done(json)
        case "rejected":
            var another = false
            if case .bool(true) = json.member("another") { another = true }
            self = .rejected(fault, newCandidate: another)
        case "doubtful": self = .doubtful(fault)
        case "not_done":
            let seconds = json.member("retry_after")?.scalar?.disclosedText().flatMap { Int64($0) }
            self = .notDone(fault, retryAfter: seconds.flatMap { (0...86_400).contains($0) ? $0 * 1_000 : nil })
        default: self = .failed(.badReply, isCertain: false)
        }
    }

    func outcome<Value>(hasEffect: Bool) -> RotatorOutcome<Value> {
        switch self {
        case .done: .doubtful(.badReply)
        case .rejected(let fault, let another): .rejected(fault, newCandidate: another)
        case .doubtful(let fault): hasEffect ? .doubtful(fault) : .notDone(fault, retryAfter: nil)
        case .notDone(let fault, let after): .notDone(fault, retryAfter: after)
        case .failed(let fault, let isCertain):
            hasEffect && !isCertain ? .doubtful(fault) : .notDone(fault, retryAfter: nil)
        }
    }
}

extension ReplyJSON {
    /// The member of an object.
    func member(_ name: String) -> ReplyJSON? {
        if case .object(let members) = self { members.first { $0.name == name }?.value } else { nil }
    }
}
