internal import Outbound
internal import Rotation
internal import SecretMemory

/// Rotates the access keys of one IAM user through the Query API.
///
/// A user has two access keys at most: a rotation needs one place free, and what is in the other is never touched
/// unless it is this key's own.
struct AWSRotator: Rotator {
    let user: String
    let endpoints: AWSEndpoints
    let credential: String?
    let isExclusive: Bool
    let sender: HTTPSender

    static let idField = "access_key_id"
    static let secretField = "secret_access_key"
    /// How long a new access key may be unknown to STS, in milliseconds: changes to IAM take a while to be everywhere.
    static let settle: Int64 = 300_000
    private static let time: Int64 = 20_000
    private static let mostPages = 10

    var capabilities: RotatorCapabilities {
        // Two requests to end a key.
        RotatorCapabilities(canList: true, isExclusive: isExclusive, patience: 2 * Self.time + 10_000)
    }

    var reach: RotatorReach {
        let hosts = Set([endpoints.iam.origin.hostAndPort, endpoints.sts.origin.hostAndPort])
        return RotatorReach(hosts: hosts.sorted(), keys: credential.map { [$0] } ?? [])
    }

    func handle(of fields: [RotationField]) -> String? {
        fields.first { $0.name == Self.idField }?.value.handleText
    }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        let answer = await manage("CreateAccessKey", [], context)
        guard case .done(let reply) = answer else { return answer.outcome(.create) }
        // Something was made, whatever is wrong with the reply.
        guard let made = reply.element("CreateAccessKeyResult", "AccessKey"),
            let id = made.element("AccessKeyId")?.text, let handle = id.handleText,
            let secret = made.element("SecretAccessKey")?.text
        else { return .doubtful(.badReply) }
        guard secret.count > 0 else { return .doubtful(.emptyValue) }
        var fields = (context.current?.fields ?? []).filter { $0.name != Self.idField && $0.name != Self.secretField }
        fields.append(RotationField(name: Self.idField, value: id))
        fields.append(RotationField(name: Self.secretField, value: secret))
        fields.sort { $0.name < $1.name }
        return .done(Candidate(handle: handle, fields: fields))
    }

    /// Signs in with the key: `GetCallerIdentity` needs no permission, and says who signed in.
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        let body = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]
        let answer = await ask(endpoints.sts, body, signedBy: candidate.fields, context)
        let isSettling = context.now - context.began < Self.settle
        if let code = answer.code, AWSAnswer.unsigned.contains(code) {
            return isSettling ? .notDone(.testFailed, retryAfter: nil) : .rejected(.testFailed, newCandidate: true)
        }
        guard case .done(let reply) = answer else { return answer.outcome(.test) }
        let name = reply.element("GetCallerIdentityResult", "Arn")?.text.disclosedText()
        // arn:aws:iam::123456789012:user/PATH/NAME
        guard let resource = name?.split(separator: ":").last, resource.hasPrefix("user/"),
            resource.split(separator: "/").last.map(String.init) == user
        else { return .rejected(.testFailed, newCandidate: true) }
        return .done
    }

    /// Makes the access key inactive and deletes it: where the second fails, the key has stopped to work all the same.
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        guard !credential.handle.isEmpty else { return .rejected(.missingField, newCandidate: false) }
        let key = [("AccessKeyId", credential.handle)]
        for (action, more) in [("UpdateAccessKey", [("Status", "Inactive")]), ("DeleteAccessKey", [])] {
            let answer = await manage(action, key + more, context)
            if answer.code == "NoSuchEntity" { return .done }
            guard case .done = answer else { return answer.outcome(.retire) }
        }
        return .done
    }

    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        var found: [ListedCredential] = []
        var marker: [(String, String)] = []
        for _ in 0..<Self.mostPages {
            let answer = await manage("ListAccessKeys", marker, context)
            guard case .done(let reply) = answer else { return answer.outcome(.list) }
            guard let result = reply.element("ListAccessKeysResult"), let keys = result.element("AccessKeyMetadata")
            else { return .notDone(.badReply, retryAfter: nil) }
            for key in keys.children where key.name == "member" {
                // A list without marks: any of them may be this key's.
                guard let handle = key.element("AccessKeyId")?.text.handleText else {
                    return .notDone(.badHandle, retryAfter: nil)
                }
                found.append(ListedCredential(handle: handle))
            }
            guard result.element("IsTruncated")?.text.disclosedText() == "true" else { return .done(found) }
            guard let next = result.element("Marker")?.text.disclosedText() else {
                return .notDone(.badReply, retryAfter: nil)
            }
            marker = [("Marker", next)]
        }
        return .notDone(.tooLarge, retryAfter: nil)
    }

    // MARK: One request

    /// A call to IAM about the user, signed by whoever manages its keys.
    private func manage(
        _ action: String, _ parameters: [(String, String)], _ context: RotationContext
    ) async -> AWSAnswer {
        let fields = credential.map { context.others[$0] ?? [] } ?? context.current?.fields ?? []
        let body = [("Action", action), ("UserName", user), ("Version", "2010-05-08")] + parameters
        return await ask(endpoints.iam, body, signedBy: fields, context)
    }

    private func ask(
        _ service: AWSEndpoints.Service, _ parameters: [(String, String)], signedBy fields: [RotationField],
        _ context: RotationContext
    ) async -> AWSAnswer {
        guard let id = handle(of: fields), let secret = fields.first(where: { $0.name == Self.secretField })?.value
        else { return .other(.unasked(.missingField)) }
        let signing = SignatureV4(accessKeyID: id, secret: secret, region: service.region, service: service.name)
        let body = Array(
            parameters.map { "\($0.0)=\(Template.escape($0.1, .query) ?? "")" }.joined(separator: "&").utf8)
        let moment = SignatureV4.moment(context.now)
        var headers = [
            (name: "content-type", value: "application/x-www-form-urlencoded"),
            (name: "host", value: service.origin.hostHeader), (name: "x-amz-date", value: moment),
        ]
        let authorization = signing.authorization("POST", path: "/", headers: headers, body: body, at: moment)
        headers.append(("authorization", authorization))
        let request = OutboundRequest(.post, service.origin, "/", headers: headers, body: body)
        let limits = OutboundLimits(time: Self.time, allowsPrivate: service.origin.isLoopback)
        do throws(OutboundFailure) {
            let reply = try await sender.send(request, limits)
            if reply.status == 429 { return .other(.limited(reply.retryAfter)) }
            let xml = ReplyXML.read(reply.body)
            if reply.status == 200 { return xml.map { .done($0) } ?? .other(.reply(200, nil)) }
            // IAM names one error; some of AWS's services, and what stands in for them, put it into a list.
            let error = xml?.element("Error", "Code") ?? xml?.element("Errors", "Error", "Code")
            guard let code = error?.text.disclosedText() else {
                return .other(.reply(reply.status, nil))
            }
            return .refused(status: reply.status, code: code)
        } catch {
            return .other(.failure(error))
        }
    }
}
