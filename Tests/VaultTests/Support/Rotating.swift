import Policy
import Rotation
import Rotators
import SecretMemory
import Synchronization

@testable import Audit
@testable import Vault

/// What the rotations of a test's vault go by; it outlives the process.
struct TestRotations: Sendable {
    let provider = TestProvider()
    let notices = TestNotices()
    let desk = VaultIssuerDesk()
    /// How long calls are waited for: nobody's patience ends unless a test says so.
    let patience = TestPatience()

    /// Whether the server has no rotators.
    var none = false
    var others: [any RotatorKind] = []

    var kinds: [any RotatorKind] { none ? [] : [GenerateRotatorKind(), ManualRotatorKind(), provider] + others }
}

/// Notices in the order in which they came.
final class TestNotices: Sendable {
    private let kept = Mutex<[RotationNotice]>([])
    func add(_ notice: RotationNotice) { kept.withLock { $0.append(notice) } }
    var all: [RotationNotice] { kept.withLock { $0 } }
    var kinds: [RotationNotice.Kind] { all.map(\.kind) }
    func forget() { kept.withLock { $0 = [] } }
}

/// Waits for calls, until a test loses it.
final class TestPatience: Sendable {
    private let isOver = Mutex(false)
    func end() { isOver.withLock { $0 = true } }
    func wait() async {
        while !Task.isCancelled, !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(2)) }
    }
}

extension RotationSettingsInput {
    static func provider(
        _ timing: Timing = .every(30 * .day), style: String = "marking", overlap: Int64? = nil,
        host: String? = nil, jitter: Int64? = nil, missed: RotationPolicy.Missed = .now
    ) -> RotationSettingsInput {
        var settings = ["style": style]
        settings["host"] = host
        return RotationSettingsInput(
            rotator: "provider", timing: timing, settings: settings, overlap: overlap, jitter: jitter, missed: missed)
    }

    static func generate(
        _ timing: Timing = .every(30 * .day), overlap: Int64? = nil, missed: RotationPolicy.Missed = .now
    ) -> RotationSettingsInput {
        RotationSettingsInput(rotator: "generate", timing: timing, overlap: overlap, missed: missed)
    }
}

extension TestVault {
    var provider: TestProvider { rotations.provider }

    /// Stores a key that is rotated.
    @discardableResult
    func put(
        _ path: String, _ value: String = "first", rotation: RotationSettingsInput, as requester: Requester? = nil
    ) async throws -> KeyMetadata {
        try await put(path, value, metadata: MetadataChange(rotation: .set(rotation)), as: requester)
    }

    @discardableResult
    func rotate(_ path: String, endingOverlap: Bool = false, as requester: Requester? = nil) async throws -> KeyMetadata
    {
        _ = try await vault.rotate(
            requester ?? administrator, try ResourcePath(parsing: path), endingOverlap: endingOverlap)
        await vault.rotationsAtRest()
        return try inspect(path)
    }

    /// Has time pass, and everything happen that is due meanwhile.
    func pass(_ milliseconds: Int64) async throws {
        let end = clock.now + milliseconds
        var steps = 0
        while let wake = vault.nextRotation(), wake <= end {
            steps += 1
            guard steps < 20_000 else { throw Unexpected("rotation never comes to rest") }
            clock.now = max(clock.now, wake)
            vault.rotateDue()
            await vault.rotationsAtRest()
        }
        clock.now = end
    }

    func report(_ path: String) throws -> RotationReport {
        guard let report = try inspect(path).rotation else { throw Unexpected("no rotation") }
        return report
    }

    /// What the value of a key is, and whether it works at the provider.
    func works(_ path: String) throws -> Bool { provider.lives(try get(path)) }
}

extension TestLog {
    /// What the log says of rotations: `began payments/stripe`.
    var rotationSteps: [String] {
        entries.compactMap { entry in
            guard entry.action.text == "rotation", let detail = entry.detail else { return nil }
            return detail.text + (entry.code.map { " \($0.text)" } ?? "")
        }
    }
}
