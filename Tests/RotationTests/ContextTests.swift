import Rotation
import Testing

struct ContextTests {
    @Test("A token is spelled the same for each attempt")
    func token() {
        let context = RotationContext(
            keyPath: "a/b", keyID: "00", token: [0x00, 0x0F, 0xA0, 0xFF], began: 0, now: 1)
        #expect(context.tokenText == "000fa0ff")
    }

    @Test("A fault is a word that a metric's label can hold")
    func fault() {
        for fault in RotationFault.allCases {
            #expect(fault.rawValue.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F })
        }
    }
}
