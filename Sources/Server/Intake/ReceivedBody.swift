internal import SecretMemory

/// What a request carried.
enum ReceivedBody: ~Copyable {
    case none
    case json([UInt8])
    case secret(SecretBytes)
    case form(WipedBytes)
}
