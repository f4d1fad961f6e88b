import Testing
import VaultAPI

@Suite("Hexadecimal digits")
struct HexDigitTests {
    @Test("A byte is a digit where the standard library reads it as one, and of the same value")
    func digits() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte))
            let expected = character.isASCII ? character.hexDigitValue.map(UInt8.init) : nil
            #expect(HexDigit.value(of: byte) == expected, "\(byte)")
        }
    }
}
