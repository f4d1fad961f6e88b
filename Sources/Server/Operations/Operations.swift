internal import Policy
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// What each call does: decode, call the engine, encode. Nothing here decides who may.
struct Operations {
    let desk: FrontDesk
    let admission: Admission

    var vault: Vault { desk.vault }
    var requester: Requester { admission.requester }
    var query: Query { admission.query }

    /// - Throws: ``Refusal``, `VaultError`, or something that nobody expected.
    func perform(_ body: consuming ReceivedBody) async throws -> Reply {
        switch admission.route.operation {
        case .status: try status()
        case .health: try health()
        case .openAPI: openAPI()
        case .whoAmI: try whoAmI()
        case .initialize: try await initialize(try body.secret())
        case .confirm: try await confirm(try body.secret())
        case .unseal: try await unseal(try body.secret())
        case .seal: try await seal()
        case .authorize: try await authorize(try body.secret())
        case .recoverAccess: try await recoverAccess(try body.secret())
        case .rekey: try await rekey()
        case .listSlots: try listSlots()
        case .putSlot: try await putSlot(try body.secret())
        case .newRecoveryCode: try await newRecoveryCode()
        case .removeSlot: try await removeSlot()
        case .rotateKeyring: try await rotateKeyring()
        case .rewrapKeyring: try await rewrapKeyring()
        case .verifyStore: try await verifyStore()
        case .listKeys: try listKeys()
        case .importKeys: try await importKeys(try body.json())
        case .putKey: try await putKey(try body.json())
        case .editKey: try await editKey(try body.json())
        case .inspectKey: try inspectKey()
        case .deleteKey: try await deleteKey()
        case .restoreKey: try await restoreKey()
        case .destroyKey: try await destroyKey()
        case .listRotations: try listRotations()
        case .rotateKey: try await rotateKey(try body.optionalJSON())
        case .planRotation: try planRotation()
        case .resumeRotation: try await resumeRotation()
        case .abortRotation: try await abortRotation()
        case .rollBackRotation: try await rollBackRotation()
        case .pauseRotation: try await pauseRotation()
        case .unpauseRotation: try await unpauseRotation()
        case .acknowledgeKey: try await acknowledgeKey(try body.optionalJSON())
        case .confirmTime: try await confirmTime()
        case .rotationsWereRestored: try await rotationsWereRestored()
        case .retrieveValue: try await retrieveValue()
        case .retrieveValues: try retrieveValues(try body.json())
        case .listIssuers: try listIssuers()
        case .createIssuer: try await createIssuer(try body.json())
        case .inspectIssuer: try inspectIssuer()
        case .editIssuer: try await editIssuer(try body.json())
        case .deleteIssuer: try await deleteIssuer()
        case .listIssuedKeys: try listIssuedKeys()
        case .issueKey: try await issueKey(try body.json())
        case .inspectIssuedKey: try inspectIssuedKey()
        case .importIssuedKeys: try await importIssuedKeys(try body.json())
        case .findIssuedKeys: try findIssuedKeys(try body.json())
        case .revokeIssuedKey: try await amendIssuedKey(.revoke)
        case .disableIssuedKey: try await amendIssuedKey(.disable)
        case .enableIssuedKey: try await amendIssuedKey(.enable)
        case .rollIssuedKey: try await rollIssuedKey(try body.optionalJSON())
        case .revokeIssuedKeys: try await revokeIssuedKeys(try body.json())
        case .verifyKey: try await verifyKey(try body.json())
        case .verifyKeys: try await verifyKeys(try body.json())
        case .checkKey, .checkKeyHead: try await checkKey()
        case .enrol: try await enrol(try body.json())
        case .listEnrolments: try listEnrolments()
        case .cancelEnrolment: try await cancelEnrolment()
        case .exchangeEnrolment: try await exchangeEnrolment(try body.json())
        case .rollOwnKey: try await rollOwnKey(try body.optionalJSON())
        case .listPolicies: try listPolicies()
        case .reloadPolicies: try await reloadPolicies()
        case .explainDecision: try explainDecision()
        case .usage: try usage()
        case .metrics: try metrics()
        case .auditCheckpoint: try auditCheckpoint()
        case .verifyAudit: try await verifyAudit()
        case .searchAudit: try await searchAudit()
        case .page: await page(body.form())
        }
    }

    // MARK: What stands in the path

    /// The key's path.
    func path() throws(Refusal) -> ResourcePath { try Self.path(admission.parameters["path"] ?? "", field: "path") }

    static func path(_ text: String, field: String) throws(Refusal) -> ResourcePath {
        do {
            return try ResourcePath(parsing: text)
        } catch {
            throw Refusal(.invalidPath, "\(error)", field: field)
        }
    }

    func parameter(_ name: String) -> String { admission.parameters[name] ?? "" }
}

extension ReceivedBody {
    /// Nothing where there was none.
    consuming func form() -> WipedBytes {
        switch consume self {
        case .form(let bytes): return bytes
        default: return WipedBytes(utf8: "")
        }
    }

    consuming func secret() throws(Refusal) -> SecretBytes {
        switch consume self {
        case .secret(let bytes): return bytes
        default: throw Refusal(.malformed, "the body of this call is the passphrase")
        }
    }

    consuming func json<Request: WireRequest>() throws(Refusal) -> Request {
        guard let request: Request = try optionalJSON() else {
            throw Refusal(.malformed, "this call takes a body of JSON")
        }
        return request
    }

    consuming func optionalJSON<Request: WireRequest>() throws(Refusal) -> Request? {
        switch consume self {
        case .json(let bytes):
            do {
                return try WireJSON.request(Request.self, from: bytes)
            } catch {
                throw Refusal(error)
            }
        default: return nil
        }
    }
}
