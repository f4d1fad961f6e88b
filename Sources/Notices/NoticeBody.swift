internal import Rotation
internal import VaultAPI

/// What receivers read, as JSON with its members in order of their names.
struct NoticeBody: Encodable {
    struct Key: Encodable {
        let path: String
        let id: String
        let version: UInt32
    }

    struct IssuedKey: Encodable {
        let issuer: String
        let id: String
        let name: String
    }

    /// 32 hexadecimal digits, the same for every try: by it a receiver knows what it had already.
    let id: String
    let type: String
    let time: Timestamp
    /// One of the two.
    let key: Key?
    let issuedKey: IssuedKey?
    let fault: String?
    let step: String?
    let nextAttempt: Timestamp?
    let due: Timestamp?

    enum CodingKeys: String, CodingKey {
        case id, type, time, key, fault, step, due
        case issuedKey = "issued_key"
        case nextAttempt = "next_attempt"
    }

    init(_ notice: RotationNotice, id: String) {
        self.id = id
        type = notice.kind.rawValue
        time = Timestamp(milliseconds: notice.time)
        switch notice.subject {
        case .key(let path, let id, let version):
            (key, issuedKey) = (Key(path: path, id: id, version: version), nil)
        case .issuedKey(let issuer, let id, let name):
            (key, issuedKey) = (nil, IssuedKey(issuer: issuer, id: id, name: name))
        }
        fault = notice.fault?.rawValue
        step = notice.step?.word
        nextAttempt = notice.nextAttempt.map(Timestamp.init(milliseconds:))
        due = notice.due.map(Timestamp.init(milliseconds:))
    }
}
