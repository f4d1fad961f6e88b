import IssuedKeys
import Testing

@Suite("Addresses")
struct IPAddressTests {
    @Test(
        "A text that is no IPv4 address is refused",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "00.0.0.0", "1.2.3.",
            ".1.2.3", "1..2.3", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "+1.2.3.4", "-1.2.3.4", "0x1.2.3.4", "1.2.3.4/24",
            "1,2,3,4", "١.2.3.4", "1.2.3.4:80", "2130706433", "1.2.3.1000", "localhost",
        ])
    func badV4(text: String) {
        #expect(throws: IPAddressError.malformed) { try IPAddress(parsing: text) }
    }

    @Test(
        "A text that is no IPv6 address is refused",
        arguments: [
            ":", ":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "12345::", "g::", "[::1]", "::1 ", " ::1", "1:2:3:4:5:6:7:",
            ":1:2:3:4:5:6:7", "::1.2.3", "::1.2.3.4.5", "::256.1.1.1", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:1",
            "1:2:3:4:5:6:7:1.2.3.4", "::ffff:1.2.3.4::", "::/0", "1:::2", "0x1::", "::-1", "::١",
            "0000:0000:0000:0000:0000:0000:0000:0000:0000",
        ])
    func badV6(text: String) {
        #expect(throws: IPAddressError.malformed) { try IPAddress(parsing: text) }
    }

    @Test("A zone is refused", arguments: ["fe80::1%eth0", "fe80::1%", "1.2.3.4%1", "%"])
    func zones(text: String) {
        #expect(throws: IPAddressError.zone) { try IPAddress(parsing: text) }
    }

    @Test("Bytes are 4 or 16", arguments: [0, 3, 5, 15, 17])
    func badByteCounts(count: Int) {
        #expect(throws: IPAddressError.byteCount) { try IPAddress(bytes: [UInt8](repeating: 1, count: count)) }
    }

    @Test(
        "An address is written in its usual form, however it was typed",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("192.0.2.1", "192.0.2.1"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::192.0.2.1", "::c000:201"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("fe80:0:0:0:0:0:0:0", "fe80::"),
        ])
    func canonical(text: String, expected: String) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.description == expected)
        #expect(try IPAddress(parsing: address.description) == address)
    }

    @Test(
        "A mapped address is the IPv4 address",
        arguments: ["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"])
    func mapped(text: String) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.isV4)
        #expect(try address == IPAddress(parsing: "192.0.2.1"))
        #expect(try address == IPAddress(bytes: [192, 0, 2, 1]))
        #expect(try address == IPAddress(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1]))
    }

    @Test("Near misses of a mapped address stay IPv6", arguments: ["::fffe:1.2.3.4", "::1:ffff:1.2.3.4", "::1.2.3.4"])
    func notMapped(text: String) throws {
        #expect(try !IPAddress(parsing: text).isV4)
    }

    @Test("Any address comes back from its text and from its bytes")
    func roundTrips() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<3000 {
            let count = Bool.random(using: &random) ? 4 : 16
            // Many zeros, so that runs of them are common.
            let bytes = (0..<count).map { _ in
                Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random)
            }
            let address = try IPAddress(bytes: bytes)
            #expect(try IPAddress(parsing: address.description) == address)
            #expect(try IPAddress(parsing: address.description.uppercased()) == address)
        }
    }

    @Test("Whatever the text, reading it ends, and what is read is written and read again")
    func fuzz() throws {
        var random = SeededRandom(seed: 12)
        let alphabet = Array("0123456789afAF::::...%/[ g")
        var read = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...24, using: &random)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
            guard let address = try? IPAddress(parsing: text) else { continue }
            read += 1
            #expect(try IPAddress(parsing: address.description) == address)
        }
        #expect(read > 20)
    }
}
