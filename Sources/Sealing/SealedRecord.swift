internal import SecretMemory

/// A record as the store holds it: an `Envelope` message around a ciphertext.
package struct SealedRecord: Hashable, Sendable {
    /// The canonical encoding of the envelope.
    package let bytes: [UInt8]
    /// Which sealing this is.
    package let mark: Mark
    /// The data key that sealed it; 0 where the root key or an API key's own key did.
    package let sealingKey: UInt32
    private let ciphertext: Range<Int>

    /// Reads an envelope of a record of `kind`.
    ///
    /// - Throws: ``SealingError/malformed(_:)``.
    package init(decoding bytes: [UInt8], kind: RecordKind) throws(SealingError) {
        let span = unsafe bytes.span.bytes
        var cursor = WireCursor(span, of: kind)
        let generation: UInt64 = try cursor.integer(1, in: span)
        sealingKey = try cursor.integer(2, in: span)
        let nonce: Bytes24 = try cursor.fixed(3, in: span)
        guard let range = try cursor.bytes(4, in: span), range.count >= AEAD.tagSize,
            let tag = Bytes16(span.extracting((range.upperBound - AEAD.tagSize)..<range.upperBound))
        else { throw .malformed(kind) }
        try cursor.finish()
        mark = Mark(generation: generation, nonce: nonce, tag: tag)
        ciphertext = range
        self.bytes = bytes
    }

    /// Seals `plaintext` under `key`, 32 bytes, with a nonce of its own from `random`.
    init(sealing plaintext: RawSpan, boundTo data: AssociatedData, key: RawSpan, random: any RandomSource) {
        let nonce = Bytes24(from: random)
        let size = plaintext.byteCount + AEAD.tagSize
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48 + size)
        Wire.append(1, integer: data.generation, to: &bytes)
        Wire.append(2, integer: UInt64(data.sealingKey), to: &bytes)
        Wire.append(3, bytes: nonce, to: &bytes)
        Wire.appendHeader(4, byteCount: size, to: &bytes)
        let start = bytes.count
        data.message.withBytes {
            AEAD.seal(plaintext, key: key, nonce: nonce, associatedData: $0, to: &bytes)
        }
        let tag = Bytes16(unsafe bytes.span.bytes.extracting((bytes.count - AEAD.tagSize)..<bytes.count))
        mark = Mark(generation: data.generation, nonce: nonce, tag: tag ?? Bytes16())
        sealingKey = data.sealingKey
        ciphertext = start..<bytes.count
        self.bytes = bytes
    }

    /// The plaintext.
    ///
    /// - Parameters:
    ///   - data: what the record must be bound to; its generation and sealing key are taken from the record.
    ///   - key: 32 bytes.
    /// - Throws: ``SealingError/authenticationFailed(_:)``.
    func opened(boundTo data: AssociatedData, key: RawSpan) throws(SealingError) -> WipedBytes {
        var data = data
        data.generation = mark.generation
        data.sealingKey = sealingKey
        let span = unsafe bytes.span.bytes.extracting(ciphertext)
        let plaintext = data.message.withBytes {
            AEAD.open(span, key: key, nonce: mark.nonce, associatedData: $0)
        }
        guard let plaintext else { throw .authenticationFailed(data.kind) }
        return plaintext
    }
}
