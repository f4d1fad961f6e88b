internal import IssuedKeys
internal import NIOCore
internal import SecretMemory
internal import Vault

/// The body of `POST /v1/verify` as nearly everybody writes it: an object of strings in ASCII without escapes and of one
/// whole number, each member known and there once.
///
/// Whatever is written in another way, or means nothing, is left to the decoder, which says what is wrong with it.
enum PlainVerifyBody {
    /// The most bytes of a body that is looked at.
    static let mostBytes = 4096

    /// The question in `body`; nil where it is to be decoded.
    static func question(_ body: ByteBuffer) -> VerifyQuery? {
        guard body.readableBytes <= mostBytes else { return nil }
        return unsafe body.withUnsafeReadableBytes { bytes in question(unsafe bytes.bytes) }
    }

    private static func question(_ body: RawSpan) -> VerifyQuery? {
        var place = 0
        func byte(_ offset: Int) -> UInt8 { unsafe body.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

        func skipSpace() {
            while place < body.byteCount {
                switch byte(place) {
                case 0x20, 0x0a, 0x0d, 0x09: place += 1
                default: return
                }
            }
        }

        func take(_ wanted: UInt8) -> Bool {
            skipSpace()
            guard place < body.byteCount, byte(place) == wanted else { return false }
            place += 1
            return true
        }

        func string() -> Range<Int>? {
            guard take(UInt8(ascii: "\"")) else { return nil }
            let start = place
            while place < body.byteCount {
                switch byte(place) {
                case UInt8(ascii: "\""):
                    place += 1
                    return start..<place - 1
                case UInt8(ascii: "\\"): return nil
                case 0x20...0x7e: place += 1
                default: return nil
                }
            }
            return nil
        }

        func number() -> Int64? {
            skipSpace()
            let start = place
            var value: Int64 = 0
            while place < body.byteCount, place - start < 8, (0x30...0x39).contains(byte(place)) {
                value = value * 10 + Int64(byte(place) - 0x30)
                place += 1
            }
            guard place > start, byte(start) != 0x30 || place == start + 1 else { return nil }
            return value <= VerifyQuery.mostCost ? value : nil
        }

        func text(_ range: Range<Int>) -> String {
            unsafe body.extracting(range).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        }

        func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
            guard range.count == name.utf8CodeUnitCount else { return false }
            for offset in 0..<range.count where unsafe byte(range.lowerBound + offset) != name.utf8Start[offset] {
                return false
            }
            return true
        }

        /// A member's value, where there was none before.
        func set(_ value: inout Range<Int>?) -> Bool {
            guard value == nil else { return false }
            value = string()
            return value != nil
        }

        var (key, issuer, scope, network): (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?)
        var cost: Int64?
        guard take(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard let name = string(), take(UInt8(ascii: ":")) else { return nil }
            if isName(name, "key") {
                guard set(&key) else { return nil }
            } else if isName(name, "issuer") {
                guard set(&issuer) else { return nil }
            } else if isName(name, "scope") {
                guard set(&scope) else { return nil }
            } else if isName(name, "network") {
                guard set(&network) else { return nil }
            } else if isName(name, "cost") {
                guard cost == nil, let value = number() else { return nil }
                cost = value
            } else {
                return nil
            }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return nil }
        skipSpace()
        guard place == body.byteCount, let key else { return nil }
        var address: IPAddress?
        if let network {
            guard let parsed = try? IPAddress(parsing: text(network)) else { return nil }
            address = parsed
        }
        return VerifyQuery(
            key: WipedBytes(copying: body.extracting(key)), issuer: issuer.map(text), scope: scope.map(text),
            network: address, cost: cost ?? 1)
    }
}
