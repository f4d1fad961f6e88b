internal import Outbound
internal import Rotation
internal import SecretMemory

/// Rotates one key at the provider of one provider file.
struct HTTPRotator: Rotator {
    private let file: ProviderFile
    private let settings: HTTPSettings
    private let sender: HTTPSender
    /// The most pages of one list.
    private static let mostPages = 100

    init(_ file: ProviderFile, _ settings: HTTPSettings, _ sender: HTTPSender) {
        self.file = file
        self.settings = settings
        self.sender = sender
    }

    var capabilities: RotatorCapabilities {
        RotatorCapabilities(
            canList: file.list != nil, marksAttempts: file.list?.mark != nil, patience: 2 * file.limits.time + 10_000)
    }

    var reach: RotatorReach {
        RotatorReach(hosts: [file.origin.hostAndPort], keys: settings.credential.map { [$0] } ?? [])
    }

    func handle(of fields: [RotationField]) -> String? {
        fields.first { $0.name == file.handleField }?.value.handleText
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        switch await ask(file.create.request, .create, context, Scope()) {
        case .reply(let status, let reply) where file.create.expected.contains(status):
            guard let json = reply else { return .doubtful(.badReply) }
            return candidate(in: json, context)
        case let answer: return answer.outcome(.create)
        }
    }

    /// What a reply says was made. Something was, whatever is wrong with the reply: so it is doubtful, never undone.
    private func candidate(in json: ReplyJSON, _ context: RotationContext) -> RotatorOutcome<Candidate> {
        var fields: [RotationField] = []
        for (field, pointer) in file.create.take {
            guard let found = pointer.value(in: json) else { return .doubtful(.badReply) }
            guard let value = found.scalar else {
                if case .string = found { return .doubtful(.emptyValue) }
                return .doubtful(.badReply)
            }
            fields.append(RotationField(name: field, value: value))
        }
        for field in file.create.keep {
            guard let value = context.current?.field(field) else { return .doubtful(.missingField) }
            fields.append(RotationField(name: field, value: value))
        }
        fields.sort { $0.name < $1.name }
        guard let handle = handle(of: fields) else { return .doubtful(.badReply) }
        return .done(Candidate(handle: handle, fields: fields))
    }

    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let answer = await ask(file.test.request, .test, context, Scope(candidate: candidate))
        let isSettling = context.now - context.began < file.test.settle
        switch answer {
        case .reply(let status, let reply) where file.test.expected.contains(status):
            let isRight = file.test.check.allSatisfy { pointer, text in
                reply.flatMap { pointer.value(in: $0) }?.scalar?.disclosedText() == text
            }
            if isRight { return .done }
            return isSettling ? .notDone(.testFailed, retryAfter: nil) : .rejected(.testFailed, newCandidate: true)
        case .reply(let status, _) where [401, 403, 404].contains(status):
            return isSettling ? .notDone(.testFailed, retryAfter: nil) : .rejected(.testFailed, newCandidate: true)
        default: return answer.outcome(.test)
        }
    }

    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let answer = await ask(file.retire.request, .retire, context, Scope(retired: credential.handle))
        if case .reply(let status, _) = answer, (file.retire.expected + file.retire.gone).contains(status) {
            return .done
        }
        return answer.outcome(.retire)
    }

    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        guard let list = file.list else { return .rejected(.unsupported, newCandidate: false) }
        var found: [ListedCredential] = []
        var request = list.request
        var scope = Scope()
        if case .numbered(let first, _) = list.paging { scope.page = first }
        for _ in 0..<Self.mostPages {
            let answer = await ask(request, .list, context, scope)
            guard case .reply(let status, let reply) = answer, list.expected.contains(status) else {
                return answer.outcome(.list)
            }
            guard let json = reply, let items = Self.items(of: json, list) else {
                return .notDone(.badReply, retryAfter: nil)
            }
            for item in items {
                let mark = list.mark.flatMap { $0.value(in: item)?.scalar?.disclosedText() }
                let origin = list.mark == nil ? .unknown : context.origin(ofMark: mark)
                guard let handle = list.handle.value(in: item)?.scalar?.handleText else {
                    // What others made there is none of this key's, however odd it looks.
                    if origin == .another { continue }
                    return .notDone(.badHandle, retryAfter: nil)
                }
                found.append(ListedCredential(handle: handle, origin: origin))
            }
            switch list.paging {
            case .none: return .done(found)
            case .numbered(_, let size):
                if items.count < size { return .done(found) }
                scope.page = (scope.page ?? 0) + 1
            case .cursor(let pointer, let more, let next):
                if let more, more.value(in: json)?.scalar?.disclosedText() != "true" { return .done(found) }
                guard let cursor = pointer.value(in: json)?.scalar else { return .done(found) }
                scope.cursor = cursor
                request = next
            }
        }
        return .notDone(.tooLarge, retryAfter: nil)
    }

    private static func items(of json: ReplyJSON, _ list: ProviderFile.List) -> [ReplyJSON]? {
        if case .array(let items) = list.items.value(in: json) { items } else { nil }
    }

    // MARK: One request

    /// What a template can name in one call, beside the context.
    private struct Scope {
        var candidate: Candidate?
        var retired: String?
        var page: Int?
        var cursor: WipedBytes?
    }

    private func ask(
        _ request: ProviderFile.Request, _ step: ProviderStep, _ context: RotationContext, _ scope: Scope
    ) async -> ProviderAnswer {
        let prepared: OutboundRequest
        do throws(RenderProblem) {
            prepared = try request.render(to: file.origin) { name in value(of: name, context, scope) }
        } catch {
            switch error {
            case .missing: return .unasked(.missingField)
            case .unfit: return .unasked(.invalidSettings)
            }
        }
        do throws(OutboundFailure) {
            let reply = try await sender.send(prepared, file.limits)
            if reply.status == 429 { return .limited(reply.retryAfter) }
            return .reply(reply.status, reply.body.isEmpty ? nil : ReplyJSON.read(reply.body))
        } catch {
            return .failure(error)
        }
    }

    private func value(of name: TemplateName, _ context: RotationContext, _ scope: Scope) -> WipedBytes? {
        switch name {
        case .current(let field): context.current?.field(field)
        case .candidate(let field): scope.candidate?.field(field)
        case .retiredHandle: scope.retired.flatMap { $0.isEmpty ? nil : WipedBytes(utf8: $0) }
        case .credential(let field):
            settings.credential.flatMap { context.others[$0] }?.first { $0.name == field }?.value
        case .setting(let name): settings.values[name]
        case .date(let name): file.dates[name].map { WipedBytes(utf8: DayText.day(context.began, daysAhead: $0)) }
        case .mark: WipedBytes(utf8: context.mark)
        case .page: scope.page.map { WipedBytes(utf8: "\($0)") }
        case .cursor: scope.cursor
        }
    }
}

extension WipedBytes {
    /// The bytes as a handle: 1 to 512 of printable ASCII.
    var handleText: String? {
        guard (1...512).contains(count), let text = disclosedText(),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return text
    }
}
