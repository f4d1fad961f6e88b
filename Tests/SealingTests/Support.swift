import SecretMemory

@testable import Sealing

/// Costs that a test can afford, and limits that let them pass.
let cheap = DerivationCosts(memoryKiB: 64, iterations: 1, parallelism: 1)
let relaxed = CostLimits(memoryKiB: 64...1024, iterations: 1...2, parallelism: 1...2)

func secret(_ bytes: [UInt8]) throws -> SecretBytes { try SecretBytes(copying: bytes.span.bytes) }
func secret(_ text: String) throws -> SecretBytes { try secret(Array(text.utf8)) }
func wiped(_ text: String) -> WipedBytes { WipedBytes(utf8: text) }

extension WipedBytes {
    var array: [UInt8] { withBytes { $0.array } }
}

/// The bytes of a string of hexadecimal digits.
func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

/// The error that `body` throws, or nil.
func failure<R: ~Copyable>(_ body: () throws(SealingError) -> R) -> SealingError? {
    do throws(SealingError) {
        _ = try body()
        return nil
    } catch { return error }
}

/// A vault in memory: keys, a slot and one API key with a version.
struct Sample {
    let vault: VaultID
    let root: RootKey
    let keyring: Keyring
    let random: any RandomSource

    init(random: any RandomSource = SystemRandom()) throws {
        self.random = random
        vault = VaultID.random(from: random)
        root = try RootKey.generate(random: random)
        keyring = try Keyring.generate(vault: vault, random: random, now: 1_000)
    }

    func slot(_ passphrase: String, number: UInt8 = 0) throws -> Slot {
        try Slot.create(
            number, kind: .passphrase, passphrase: secret(passphrase), root: root, vault: vault, generation: 1,
            costs: cheap, limits: relaxed, availableKiB: { nil }, random: random
        ).slot
    }
}
