internal import IssuedKeys
internal import NIOHTTP1
internal import Vault
internal import VaultAPI

/// Who asks, of one request: what they present, the door as far as it counts, and where they are.
struct Asker {
    var credential: Credential
    var door: Door
    var address: IPAddress?
}

extension PeerRules {
    /// Headers that only a proxy or a web page sends. On a local socket they say that the peer is lending its own user to
    /// somebody else.
    private static let signsOfAProxy = ["origin", "forwarded", "via", "x-real-ip"]

    /// Takes a request's headers and its connection's peer for somebody.
    ///
    /// - Throws: ``Refusal`` where what is presented cannot be an access key, or a trusted proxy names no address.
    func asker(_ headers: HTTPHeaders, peer: Peer, door: Door) throws(Refusal) -> Asker {
        let presented = try PresentedCredential.find(in: headers)
        guard door != .network else {
            return Asker(
                credential: presented.map { .accessKey($0) } ?? .none, door: .network,
                address: try address(headers, peer: peer.address))
        }
        let isVoid = peer.user == nil || peer.user == overflowUser || Self.showsProxy(headers)
        let isOperator = !isVoid && (peer.user == 0 || peer.user == serverUser)
        let door: Door = door == .operatorSocket && isOperator ? .operatorSocket : .socket
        if let presented { return Asker(credential: .accessKey(presented), door: door, address: nil) }
        guard !isVoid, let user = peer.user else { return Asker(credential: .none, door: door, address: nil) }
        return Asker(credential: .unixUser(id: user, name: nil), door: door, address: nil)
    }

    /// The address that a request counts for: the connection's, or the last that a trusted proxy has added.
    private func address(_ headers: HTTPHeaders, peer: IPAddress?) throws(Refusal) -> IPAddress? {
        guard let peer, trustedProxies?.contains(peer) == true, let list = headers["X-Forwarded-For"].last else {
            return peer
        }
        let last = list.split(separator: ",", omittingEmptySubsequences: false).last ?? ""
        let trimmed = last.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        do {
            return try IPAddress(parsing: String(trimmed))
        } catch {
            throw Refusal(.malformed, "the last entry of X-Forwarded-For is no address", field: "X-Forwarded-For")
        }
    }

    private static func showsProxy(_ headers: HTTPHeaders) -> Bool {
        headers.contains { name, _ in
            let name = name.lowercased()
            return signsOfAProxy.contains(name) || name.hasPrefix("x-forwarded-")
        }
    }
}

extension Requester {
    /// Takes over where somebody is, with the address as the connection has it written already.
    mutating func place(_ asker: Asker, on peer: Peer) {
        place(
            door: asker.door, address: asker.address,
            addressText: asker.address == peer.address ? peer.addressText : nil)
    }
}
