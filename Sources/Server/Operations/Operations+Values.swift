internal import Policy
internal import SecretMemory
internal import Vault
internal import VaultAPI

extension Operations {
    /// The longest that a retrieval waits: 60 s.
    private static let longestWait: Int64 = 60_000

    /// From the parsed request to the bytes of the reply without leaving this task, unless it waits.
    func retrieveValue() async throws -> Reply {
        let wanted = try retrieval()
        if let wait = wanted.wait { return Self.reply(try await wanted.answer(by: vault, waiting: wait)) }
        return Self.reply(try vault.retrieve(wanted.requester, wanted.query, unless: wanted.etags))
    }

    /// What `GET /v1/values/{path}` asks the vault for.
    func retrieval() throws -> RetrievalRequest {
        let version: Int? = try query.integer("version", in: 1...Int(UInt32.max))
        guard query["stage"] != VersionStage.pending.rawValue else {
            throw Refusal(
                .invalidField,
                "`stage` is one of \(ServedStage.list); a pending version is handed out once it is current",
                field: "stage")
        }
        let wanted = ValueQuery(
            path: try path(), version: try choice(version: version, stage: try query.word("stage"), field: "stage"),
            field: query["field"], instance: admission.instance)
        let wait = try valueWait()
        switch admission.conditions.noneMatch {
        case nil: return RetrievalRequest(requester, wanted)
        case .these(let tags): return RetrievalRequest(requester, wanted, unless: tags, wait: wait)
        case .any: throw Refusal(.malformed, "here If-None-Match is a list of entity tags", field: "If-None-Match")
        }
    }

    /// How long the call waits for something else than the caller has, where it says so.
    private func valueWait() throws(Refusal) -> RetrievalWait? {
        guard let length = try Self.duration(query["wait"], field: "wait") else { return nil }
        guard length <= Self.longestWait else { throw Refusal(.invalidField, "`wait` is at most 60s", field: "wait") }
        // Whoever has nothing yet has nothing to wait for.
        guard admission.conditions.noneMatch != nil else { return nil }
        return RetrievalWait(milliseconds: length)
    }

    /// What the vault gave.
    static func reply(_ retrieval: Retrieval) -> Reply {
        switch retrieval {
        case .unchanged(let etag):
            var reply = Reply(status: 304)
            reply.etag = etag
            return reply
        case .values(let values):
            var writer = SecretJSONWriter(capacity: values.jsonCapacity)
            writer.write(values)
            return Reply(secret: writer, etag: values.etag)
        }
    }

    func retrieveValues(_ request: ValuesRequest) throws -> Reply {
        var wanted: [ValueQuery] = []
        for (index, key) in request.keys.enumerated() {
            wanted.append(
                ValueQuery(
                    path: try Self.path(key.path, field: "keys[\(index)].path"),
                    version: try choice(version: key.version, stage: key.stage, field: "keys[\(index)].stage"),
                    field: key.field, instance: admission.instance))
        }
        let found = try vault.retrieve(requester, all: wanted)
        var writer = SecretJSONWriter(capacity: found.reduce(64) { $0 + $1.jsonCapacity })
        writer.beginObject()
        writer.name("values")
        writer.beginArray()
        for values in found { writer.write(values) }
        writer.endArray()
        writer.endObject()
        return Reply(secret: writer)
    }

    private func choice(version: Int?, stage: ServedStage?, field: String) throws(Refusal) -> VersionChoice {
        switch (version, stage) {
        case (nil, nil), (nil, .current): return .current
        case (nil, .previous): return .previous
        case (let version?, nil):
            guard version > 0, let number = UInt32(exactly: version) else {
                throw Refusal(.invalidField, "versions are numbered from 1", field: "version")
            }
            return .number(number)
        default: throw Refusal(.invalidField, "ask for a version or for a stage", field: field)
        }
    }
}

extension RetrievalRequest {
    /// Has it answered without holding a thread.
    fileprivate func answer(by vault: Vault, waiting wait: RetrievalWait) async throws -> Retrieval {
        Connection.current?.begin(wait)
        let result: Result<Retrieval, VaultError> = await withCheckedContinuation { continuation in
            vault.retrieve([self]) { outcomes in
                for (_, result) in outcomes { continuation.resume(returning: result) }
            }
        }
        return try result.get()
    }
}

extension RetrievedValues {
    /// Enough for ``SecretJSONWriter/write(_:)``.
    var jsonCapacity: Int {
        fields.reduce(512 + path.text.utf8.count) {
            $0 + $1.name.utf8.count + 8 + SecretJSONWriter.capacity(for: $1.value)
        }
    }
}

extension SecretJSONWriter {
    /// Where one field is no text, all are written in base64.
    mutating func write(_ values: RetrievedValues) {
        let isText = values.fields.allSatisfy(\.value.isUTF8)
        beginObject()
        member("path")
        string(values.path.text)
        member("id")
        string(values.keyID)
        member("version")
        integer(values.version)
        if let stage = values.stage {
            member("stage")
            string(stage.rawValue)
        }
        if !isText {
            member("encoding")
            string(FieldEncoding.base64.rawValue)
        }
        if let expires = values.expires {
            member("expires")
            string(VaultAPI.Timestamp(milliseconds: expires).description)
        }
        member("fields")
        beginObject()
        for field in values.fields {
            name(field.name)
            if isText { secret(field.value) } else { base64(field.value) }
        }
        endObject()
        endObject()
    }
}
