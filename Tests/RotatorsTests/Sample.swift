import Rotation
import SecretMemory

/// What the tests of rotators share.
enum Sample {
    static let token = (0..<16).map { UInt8($0) }
    static let mark = "keyturn-0000000000000000-000102030405060708090a0b0c0d0e0f"

    static var context: RotationContext {
        RotationContext(
            keyPath: "payments/api", keyID: String(repeating: "0", count: 32), token: token, began: 1_800_000_000_000,
            now: 1_800_000_000_000)
    }

    static func field(_ name: String, _ text: String) -> RotationField {
        RotationField(name: name, value: WipedBytes(utf8: text))
    }
}

extension RotatorOutcome {
    var value: Value? { if case .done(let value) = self { value } else { nil } }
    /// `rejected`, `doubtful` or `not done`, and why; for comparisons.
    var fault: String? {
        switch self {
        case .done: nil
        case .rejected(let fault, let newCandidate):
            "rejected \(fault.rawValue)\(newCandidate ? ", another" : "")"
        case .doubtful(let fault): "doubtful \(fault.rawValue)"
        case .notDone(let fault, let after): "not done \(fault.rawValue)\(after.map { " \($0)" } ?? "")"
        }
    }
}
