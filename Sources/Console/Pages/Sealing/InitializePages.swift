internal import SecretMemory
internal import Vault

extension Page {
    /// Making, opening and closing the vault.
    static let sealing: [Page] = [
        Page(.get, "/initialize", for: .anyone) { Initialize.show($0) },
        Page(.post, "/initialize", for: .anyone, bytes: 16 * 1024) { try await Initialize.make($0) },
        Page(.post, "/initialize:confirm", for: .anyone, bytes: 4 * 1024) { try await Initialize.confirm($0) },
        Page(.get, "/unseal", for: .anyone) { Unseal.show($0) },
        Page(.post, "/unseal", for: .anyone, bytes: 16 * 1024) { try await Unseal.open($0) },
        Page(.get, "/seal") { Seal.show($0) },
        Page(.post, "/seal") { try await Seal.close($0) },
    ]
}

/// Making a vault: a passphrase, then the recovery code typed back, then the first access key.
enum Initialize {
    private static let form = Template(PackageResources.initialize_mustache)
    private static let recovery = Template(PackageResources.recovery_code_mustache)
    private static let finished = Template(PackageResources.first_key_mustache)

    static func show(_ visit: Visit) -> Answer { elsewhere(visit) ?? page(FieldErrors()) }

    private static func elsewhere(_ visit: Visit) -> Answer? {
        visit.vault.status().state == .uninitialized ? nil : .elsewhere("/console")
    }

    private static let fields = [
        FormField(
            name: "passphrase", label: "Passphrase", kind: .password,
            hint: "At least a few unrelated words. Each guess at it costs a moment of a whole machine.",
            isRequired: true, completion: "new-password", isFirst: true),
        FormField(
            name: "again", label: "The same passphrase again", kind: .password, isRequired: true,
            completion: "new-password"),
        FormField(
            name: "token", label: "One-time token", kind: .password,
            hint:
                "The line in the file init-token in the data folder: whoever can read that folder may make the vault.",
            isRequired: true, isMono: true),
    ]

    private static func page(_ errors: FieldErrors, status: Int = 200) -> Answer {
        .page(
            form,
            [
                "title": "Make the vault", "fields": fields.map { $0.view(errors) },
                "problems": errors.isEmpty ? false : errors.view(fields),
            ], status: status)
    }

    static func make(_ visit: Visit) async throws -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        var errors = FieldErrors()
        let passphrase = visit.form.secret("passphrase")
        let again = visit.form.secret("again")
        if passphrase == nil || passphrase?.count == 0 { errors.add("passphrase", "Enter a passphrase") }
        if let passphrase, let again, passphrase.withBytes({ a in again.withBytes { !constantTimeEqual(a, $0) } }) {
            errors.add("again", "The two passphrases differ; type them again")
        }
        guard errors.isEmpty, let passphrase else { return page(errors, status: 400) }
        let token = visit.form.secret("token").map { WipedBytes(trimming: $0) }
        do throws(VaultError) {
            let made = try await visit.vault.initialize(
                visit.requester, passphrase: try passphrase.locked(), token: token, acceptRecoveryCode: false,
                costs: RequestedCosts())
            switch made {
            case .awaitsRecoveryCode(let code, let ceremony):
                return confirmation(ceremony, code: code)
            case .done(_, let key): return done(key)
            }
        } catch {
            switch error.code {
            case .refused: errors.add("token", "This is not the token in the data folder")
            case .invalidField: errors.add(error.field ?? "", error.detail)
            default: throw error
            }
            return page(errors, status: error.code == .refused ? 403 : 400)
        }
    }

    /// - Parameter code: shown this once; nil where it was typed back wrong.
    private static func confirmation(_ ceremony: String, code: WipedBytes?, error: String? = nil) -> Answer {
        var errors = FieldErrors()
        if let error { errors.add("code", error) }
        let field = FormField(
            name: "code", label: "Type the recovery code back", hint: "Nothing is stored until you have.",
            isRequired: true, isMono: true, isFirst: true)
        return .page(
            recovery,
            [
                "title": "Write down the recovery code", "ceremony": ceremony, "field": field.view(errors),
                "shown": code != nil,
            ], status: error == nil ? 200 : 403, secrets: code.map { [$0] } ?? [])
    }

    static func confirm(_ visit: Visit) async throws -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        let ceremony = visit.form["ceremony"]
        guard let code = visit.form.secret("code"), code.count > 0 else {
            return confirmation(ceremony, code: nil, error: "Type the code that was shown")
        }
        do throws(VaultError) {
            return done(
                try await visit.vault.confirm(
                    visit.requester, ceremony: ceremony, recoveryCode: try WipedBytes(trimming: code).locked()))
        } catch {
            guard error.code == .wrongPassphrase else { throw error }
            return confirmation(ceremony, code: nil, error: error.detail)
        }
    }

    private static func done(_ key: WipedBytes) -> Answer {
        .page(finished, ["title": "The vault is made"], secrets: [key])
    }
}

extension WipedBytes {
    /// A copy without spaces and line ends around it.
    convenience init(trimming bytes: WipedBytes) {
        let (first, last) = bytes.withBytes { bytes in
            var (first, last) = (0, bytes.byteCount)
            while first < last, bytes.byte(at: first) <= 0x20 { first += 1 }
            while last > first, bytes.byte(at: last - 1) <= 0x20 { last -= 1 }
            return (first, last)
        }
        self.init(count: last - first) { (target: inout MutableRawSpan) in
            bytes.withBytes { target.copy($0.extracting(first..<last), to: 0) }
        }
    }

    /// The same bytes on locked pages.
    func locked() throws(VaultError) -> SecretBytes {
        do throws(SecretMemoryError) {
            return try withBytes { (bytes) throws(SecretMemoryError) in try SecretBytes(copying: bytes) }
        } catch {
            throw VaultError(.internal, "\(error)")
        }
    }
}
