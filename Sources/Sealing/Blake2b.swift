internal import CSodium
internal import SecretMemory

/// BLAKE2b-256 (RFC 7693) with a personalisation, so that a hash made for one purpose is never one for another.
enum Blake2b {
    /// 16 bytes: the text and zeros after it.
    struct Personalisation: Sendable {
        fileprivate let bytes: Bytes16

        init(_ text: StaticString) {
            var message = FixedMessage<16>()
            message.append(ascii: text)
            while message.count < 16 { message.append(0) }
            bytes = message.withBytes { Bytes16($0) } ?? Bytes16()
        }

        static let slotKey = Personalisation("keyturn slot key")
        static let commitment = Personalisation("keyturn commit")
        static let keyring = Personalisation("keyturn keyring")
        static let rowID = Personalisation("keyturn row id")
        static let path = Personalisation("keyturn path")
        static let sum = Personalisation("keyturn sum")
        static let bucket = Personalisation("keyturn bucket")
        static let recovery = Personalisation("keyturn recovery")
    }

    /// Writes the hash of `message`, with `key` where there is one, over the 32 bytes of `output`. The stack that the work
    /// with a key used is wiped.
    static func hash(
        _ message: RawSpan, key: RawSpan, for purpose: Personalisation, into output: inout MutableRawSpan
    ) {
        precondition(output.byteCount == 32 && key.byteCount <= 64)
        unsafe output.withUnsafeMutableBytes { out in
            unsafe message.withUnsafeBytes { message in
                unsafe key.withUnsafeBytes { key in
                    purpose.bytes.withBytes { person in
                        unsafe person.withUnsafeBytes { person in
                            guard let out = out.baseAddress else { return }
                            _ = unsafe crypto_generichash_blake2b_salt_personal(
                                out, 32, message.baseAddress, UInt64(message.count), key.baseAddress,
                                key.count, nil, person.baseAddress)
                        }
                    }
                }
            }
        }
        if key.byteCount > 0 { Stack.wipe() }
    }

    /// The hash of `message` where it is no secret.
    static func hash(_ message: RawSpan, key: RawSpan, for purpose: Personalisation) -> Bytes32 {
        var result = Bytes32()
        result.withMutableBytes { hash(message, key: key, for: purpose, into: &$0) }
        return result
    }

    /// The hash of `message` without a key.
    static func hash(_ message: RawSpan, for purpose: Personalisation) -> Bytes32 {
        hash(message, key: RawSpan(), for: purpose)
    }

    /// A 32-byte key made from `key`, `message` and the purpose.
    static func derive(_ message: RawSpan, key: RawSpan, for purpose: Personalisation) -> WipedBytes {
        WipedBytes(count: 32) { hash(message, key: key, for: purpose, into: &$0) }
    }
}

/// The part of the stack below the caller, where a C function that has returned may have left a key.
enum Stack {
    static func wipe() { sodium_stackzero(4096) }
}
