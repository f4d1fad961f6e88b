internal import Policy
internal import Sealing

/// One version's part of a key's head. An object: it is handed on with each retrieval.
final class KnownVersion: Sendable {
    let head: StoredVersionHead
    var number: UInt32 { head.number }

    init(_ head: StoredVersionHead) { self.head = head }
}

extension KeyEntry {
    /// What each retrieval needs of a key beyond its summary, put together once. Never changed, only replaced.
    final class Known: Sendable {
        let children: Cache
        /// The version for which the store need not be read; 0: none.
        let readable: UInt32
        /// What its children are bound to.
        let place: KeyPlace
        let current: KnownVersion?
        /// Which sealing of its own key its head names; nil once that is among its children.
        let wrappedKey: Mark?
        /// 32 lower-case hexadecimal digits.
        let keyIDText: String
        /// Names the current version with all its fields.
        let etag: String

        init(_ entry: KeyEntry, _ children: Cache) {
            self.children = children
            readable = Self.readable(children)
            place = KeyPlace(entry.keyID, path: entry.path.text)
            let head = entry.head
            current = head.currentVersion.map { KnownVersion($0) }
            wrappedKey = children.wrappedKey == nil ? Mark(head.wrappedKey) : nil
            keyIDText = entry.keyID.description
            etag = Self.etag(keyIDText, entry.summary.current, .current, field: nil)
        }

        /// The same with other children.
        init(_ known: Known, _ children: Cache) {
            self.children = children
            readable = Self.readable(children)
            (place, current, keyIDText, etag) = (known.place, known.current, known.keyIDText, known.etag)
            wrappedKey = children.wrappedKey == nil ? known.wrappedKey : nil
        }

        /// What names a version of this key, and what is asked for of it.
        func etag(_ number: UInt32, _ stage: Stage?, field: String?) -> String {
            if stage == .current, field == nil { return etag }
            return Self.etag(keyIDText, number, stage, field: field)
        }

        private static func readable(_ children: Cache) -> UInt32 {
            children.wrappedKey == nil ? 0 : children.body?.number ?? 0
        }

        private static func etag(_ id: String, _ number: UInt32, _ stage: Stage?, field: String?) -> String {
            "\(id)-\(number)-\(stage?.rawValue ?? "none")-\(field ?? "all")"
        }
    }
}
