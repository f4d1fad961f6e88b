internal import FoundationEssentials
internal import IssuedKeys
internal import SecretMemory
internal import Sealing

typealias StoredEnrolment = Records.Enrolment

/// One enrolment code as the unsealed vault holds it. Never changed, only replaced.
final class EnrolmentEntry: Sendable {
    let number: IssuedKeyNumber
    /// What a presented code is compared with.
    let hash: KeptHash
    let networks: NetworkRestriction
    let row: RowID
    let mark: Mark
    let stored: StoredEnrolment

    /// - Returns: nil where the record is not whole.
    init?(row: RowID, stored: StoredEnrolment, mark: Mark) {
        guard let number = IssuedKeyNumber(stored.id), let hash = KeptHash(stored.hash) else { return nil }
        self.number = number
        self.hash = hash
        self.row = row
        self.stored = stored
        self.mark = mark
        networks = NetworkRestriction(kept: stored.networks.isEmpty ? nil : stored.networks)
    }

    func state(at now: Timestamp) -> EnrolmentState {
        if stored.redeemed != 0 { return .redeemed }
        if stored.cancelled != 0 { return .cancelled }
        return Lifetime.isOver(end: Int64(stored.expires), at: now) ? .expired : .waiting
    }

    /// Whether nobody needs to know of it any more. A redeemed code is kept for a while, so that its second use is known
    /// for what it is.
    func isForgotten(at now: Timestamp) -> Bool {
        now >= Timestamp(max(stored.expires, stored.redeemed, stored.cancelled)) + Enrolments.memory
    }

    func record(at now: Timestamp) -> EnrolmentRecord {
        func moment(_ stored: UInt64) -> Timestamp? { stored == 0 ? nil : Timestamp(stored) }
        return EnrolmentRecord(
            id: stored.id, state: state(at: now), name: stored.name, description: stored.description_p,
            owner: stored.owner, policies: stored.scopes, networks: stored.networks,
            limits: stored.limits.isEmpty ? [] : RateLimits(stored.limits)?.texts ?? [],
            lifetime: stored.lifetime == 0 ? nil : Int64(stored.lifetime), created: Timestamp(stored.created),
            createdBy: stored.createdBy, expires: Timestamp(stored.expires), cancelled: moment(stored.cancelled),
            redeemed: moment(stored.redeemed),
            redeemedFrom: stored.redeemedFrom.isEmpty ? nil : stored.redeemedFrom,
            accessKey: stored.issuedKey.isEmpty ? nil : stored.issuedKey, reused: moment(stored.reused),
            reusedFrom: stored.reusedFrom.isEmpty ? nil : stored.reusedFrom)
    }

    /// What the access key is to be.
    func request(at now: Timestamp) throws(VaultError) -> AccessKeyRequest {
        var expires: Timestamp?
        if stored.lifetime != 0 {
            do throws(LifetimeError) { expires = try Lifetime.end(from: now, lasting: Int64(stored.lifetime)) } catch {
                throw VaultError(.invalidField, "\(error)", field: "lifetime")
            }
        }
        return AccessKeyRequest(
            name: stored.name, description: stored.description_p, owner: stored.owner, policies: stored.scopes,
            expires: expires, networks: stored.networks.isEmpty ? nil : stored.networks,
            limits: stored.limits.isEmpty ? nil : RateLimits(stored.limits)?.texts)
    }
}

extension Staging {
    /// Makes a code. Its text is in the result alone.
    mutating func enrol(_ request: EnrolmentRequest, by author: Caller) throws(VaultError) -> MintedEnrolment {
        try EnrolmentChecks.check(request, now: now)
        guard allEnrolments().count(where: { $0.state(at: now) == .waiting }) < VaultLimits.enrolments else {
            throw VaultError(.conflict, "\(VaultLimits.enrolments) codes wait to be exchanged already; cancel some")
        }
        let minted: (id: IssuedKeyID, text: WipedBytes)
        do throws(IssuedKeyTextError) {
            minted = try IssuedKeyText.mint(prefix: Enrolments.prefix, random: random)
        } catch {
            throw VaultError(.internal, "a code could not be made: \(error)")
        }
        guard enrolment(IssuedKeyNumber(minted.id)) == nil else {
            throw VaultError(.conflict, "the new code's id is taken; try again")
        }
        var stored = StoredEnrolment()
        stored.id = minted.id.text
        stored.hash = Data(keyring.keptHash(minted.text).bytes)
        stored.created = UInt64(now)
        stored.createdBy = author.reference
        stored.createdByName = author.name
        stored.expires = UInt64(now + request.validFor)
        stored.name = request.name
        stored.description_p = request.description
        stored.owner = request.owner
        stored.scopes = request.policies
        stored.networks = request.networks ?? []
        stored.limits = try IssuedKeyChecks.limits(request.limits ?? [], "limits").stored
        stored.lifetime = UInt64(request.lifetime ?? 0)
        let entry = try putEnrolment(stored)
        note(issuedKey: stored.id)
        return MintedEnrolment(record: entry.record(at: now), text: minted.text)
    }

    /// Exchanges a code for an access key. Whoever comes second is refused.
    mutating func redeem(_ number: IssuedKeyNumber, from address: String) throws(VaultError) -> MintedAccessKey {
        guard let entry = enrolment(number), entry.state(at: now) == .waiting else {
            throw VaultError(.conflict, "the code was exchanged already")
        }
        let minted = try mint(try entry.request(at: now), by: "enrolment:\(entry.stored.id)")
        var stored = entry.stored
        stored.redeemed = UInt64(now)
        stored.redeemedFrom = address
        stored.issuedKey = minted.record.id
        try putEnrolment(stored)
        return minted
    }
}
