internal import FoundationEssentials
internal import SecretMemory
internal import SwiftProtobuf

/// The messages of records.proto that are read and written outside this module, by their own names.
package enum Records {
    package typealias VaultHead = Keyturn_Format_V1_VaultHead
    package typealias KeyHead = Keyturn_Format_V1_KeyHead
    package typealias VersionHead = Keyturn_Format_V1_VersionHead
    package typealias Visibility = Keyturn_Format_V1_Visibility
    package typealias IssuedKey = Keyturn_Format_V1_IssuedKey
    package typealias Mark = Keyturn_Format_V1_Mark
    package typealias RotationSettings = Keyturn_Format_V1_RotationSettings
    package typealias RotationState = Keyturn_Format_V1_RotationState
    package typealias MissedRotation = Keyturn_Format_V1_MissedRotation
    package typealias Retirement = Keyturn_Format_V1_Retirement
    package typealias Leftover = Keyturn_Format_V1_Leftover
    package typealias Consumer = Keyturn_Format_V1_Consumer
    package typealias Pair = Keyturn_Format_V1_Pair
    package typealias Issuer = Keyturn_Format_V1_Issuer
    package typealias Tier = Keyturn_Format_V1_Tier
    package typealias Window = Keyturn_Format_V1_Window
    package typealias QuotaRefill = Keyturn_Format_V1_QuotaRefill
    package typealias Environment = Keyturn_Format_V1_Environment
    package typealias Lease = Keyturn_Format_V1_Lease
    package typealias LeasedWindow = Keyturn_Format_V1_LeasedWindow
    package typealias Enrolment = Keyturn_Format_V1_Enrolment
    package typealias CheckpointKey = Keyturn_Format_V1_CheckpointKey
    package typealias UsagePage = Keyturn_Format_V1_UsagePage
    package typealias AcceptedBreak = Keyturn_Format_V1_AcceptedBreak
}

/// A message that is a record's plaintext.
package protocol RecordMessage: Sendable {
    /// The kind of record that it is the plaintext of.
    static var kind: RecordKind { get }
    /// Throws ``SealingError/malformed(_:)`` for bytes that are no such message.
    init(decoding bytes: RawSpan) throws(SealingError)
    /// Throws ``SealingError/malformed(_:)`` for text that cannot be encoded.
    func encoded() throws(SealingError) -> [UInt8]
}

extension Keyturn_Format_V1_VaultHead: RecordMessage {
    package static var kind: RecordKind { .vaultHead }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_KeyHead: RecordMessage {
    package static var kind: RecordKind { .keyHead }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_IssuedKey: RecordMessage {
    package static var kind: RecordKind { .issuedKey }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_Issuer: RecordMessage {
    package static var kind: RecordKind { .issuer }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_Lease: RecordMessage {
    package static var kind: RecordKind { .lease }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_Enrolment: RecordMessage {
    package static var kind: RecordKind { .enrolment }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_CheckpointKey: RecordMessage {
    package static var kind: RecordKind { .checkpointKey }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

extension Keyturn_Format_V1_UsagePage: RecordMessage {
    package static var kind: RecordKind { .usage }
    package init(decoding bytes: RawSpan) throws(SealingError) { self = try decode(bytes) }
    package func encoded() throws(SealingError) -> [UInt8] { try encode(self) }
}

private func decode<M: RecordMessage & SwiftProtobuf.Message>(_ bytes: RawSpan) throws(SealingError) -> M {
    var copy = bytes.array
    defer { Sodium.wipe(&copy) }
    do { return try M(serializedBytes: copy) } catch { throw .malformed(M.kind) }
}

private func encode<M: RecordMessage & SwiftProtobuf.Message>(_ message: M) throws(SealingError) -> [UInt8] {
    do { return try message.serializedBytes() } catch { throw .malformed(M.kind) }
}
