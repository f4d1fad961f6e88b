import Foundation
import SecretMemory
import Testing

@Suite("Protection of the process")
struct ProcessProtectionTests {
    @Test("An aborted process that was hardened leaves no core file")
    func noCore() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            // The parent's wait status cannot tell; so the process asserts what the kernel decides by, then dies.
            let protection = ProcessProtection.harden()
            precondition(protection.coreDumpsDenied && protection.attachingDenied)
            var limit = rlimit()
            precondition(getrlimit(__rlimit_resource_t(4), &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0)
            abort()
        }
    }

    @Test("Hardening holds for the rest of the process")
    func holds() async {
        await #expect(processExitsWith: .success) {
            let protection = ProcessProtection.harden()
            precondition(protection == .observed())
            exit(0)
        }
    }

    private let none = ProcessProtection(
        coreDumpsDenied: false, attachingDenied: false, canLock: false, lockLimit: 0, systemSwaps: true)
    private let all = ProcessProtection(
        coreDumpsDenied: true, attachingDenied: true, canLock: true, lockLimit: 8 << 20, systemSwaps: false)

    @Test("A process that can lock nothing says so in every line")
    func reportOfNone() {
        #expect(none.canLockNothing)
        #expect(none.report.count == 4)
        for line in none.report.dropLast() { #expect(line.contains("NOT") || line.contains("MAY")) }
        #expect(none.report[2].contains("LimitMEMLOCK"))
        #expect(none.report[3].contains("HAS swap space"))
    }

    @Test("A process that is protected says how far")
    func reportOfAll() {
        #expect(!all.canLockNothing)
        #expect(all.description.contains("up to 8192 KiB"))
        #expect(!all.description.contains("NOT"))
        var unlimited = all
        unlimited.lockLimit = nil
        unlimited.systemSwaps = nil
        #expect(unlimited.description.contains("without a limit"))
        #expect(unlimited.description.contains("unknown"))
    }
}
