import IssuedKeys
import Testing

@Suite("Lists of networks")
struct NetworkListTests {
    @Test("A list of no networks is refused")
    func empty() {
        #expect(throws: NetworkListError.empty) { try NetworkList(parsing: []) }
    }

    @Test("A list that is too long is refused")
    func tooMany() throws {
        let most = (0..<NetworkList.maximumCount).map { "10.0.\($0).0/24" }
        _ = try NetworkList(parsing: most)
        #expect(throws: NetworkListError.tooMany) { try NetworkList(parsing: most + ["10.1.0.0/24"]) }
    }

    @Test(
        "An entry that is no network is refused by its number",
        arguments: [
            "", " ", "/", "/24", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
            "10.0.0.0/8/8",
            "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0/8", "10/8", "10.0.0.0/255.0.0.0", "10.0.0.0/0x8", "::/129", "::/1000",
            "::/", "fe80::%eth0/64", "fe80::/10%eth0", "*", "any", "all", "10.0.0.0-10.0.0.9", "10.0.0.0/8,11.0.0.0/8",
            "10.0.0.0/٨",
        ])
    func malformed(text: String) {
        #expect(throws: NetworkListError.malformed(entry: 2)) { try NetworkList(parsing: ["127.0.0.1/32", text]) }
    }

    @Test(
        "Host bits are refused, and the network is named",
        arguments: [
            ("10.0.0.1/8", "10.0.0.0/8"), ("192.0.2.129/25", "192.0.2.128/25"), ("0.0.0.1/0", "0.0.0.0/0"),
            ("2001:db8::1/32", "2001:db8::/32"), ("::1/0", "::/0"), ("ffff::/8", "ff00::/8"),
            ("::ffff:0:0/80", "::/80"), ("::ffff:0:0/95", "::fffe:0:0/95"),
        ])
    func hostBits(text: String, corrected: String) throws {
        #expect(throws: NetworkListError.hostBitsSet(entry: 1, corrected: corrected)) {
            try NetworkList(parsing: [text])
        }
        #expect(try NetworkList(parsing: [corrected]).texts == [corrected])
    }

    @Test(
        "An address outside is not contained",
        arguments: [
            ("10.0.0.0/8", "11.0.0.0"), ("10.0.0.0/8", "9.255.255.255"), ("192.0.2.1/32", "192.0.2.0"),
            ("192.0.2.128/25", "192.0.2.127"), ("2001:db8::/32", "2001:db9::"), ("::1/128", "::2"),
            ("::1/128", "0.0.0.1"),
            ("0.0.0.0/0", "::"), ("0.0.0.0/0", "2001:db8::1"), ("::/0", "192.0.2.1"), ("::/0", "::ffff:192.0.2.1"),
            ("::/96", "192.0.2.1"),
        ])
    func outside(network: String, address: String) throws {
        #expect(try !NetworkList(parsing: [network]).contains(IPAddress(parsing: address)))
    }

    @Test(
        "An address inside is contained, at both edges",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0"), ("10.0.0.0/8", "10.255.255.255"), ("192.0.2.1", "192.0.2.1"),
            ("0.0.0.0/0", "255.255.255.255"), ("::/0", "ffff::"),
            ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("10.0.0.0/8", "::ffff:10.1.2.3"), ("::ffff:10.0.0.0/104", "10.1.2.3"), ("::ffff:0:0/96", "203.0.113.9"),
            ("::ffff:10.0.0.1", "10.0.0.1"), ("::1", "::1"),
        ])
    func inside(network: String, address: String) throws {
        #expect(try NetworkList(parsing: ["198.51.100.7/32", network]).contains(IPAddress(parsing: address)))
    }

    @Test("Networks are written in their usual form, and mapped ones as IPv4")
    func texts() throws {
        let list = try NetworkList(parsing: ["::FFFF:10.0.0.0/104", "2001:DB8:0::/48", "192.0.2.7"])
        #expect(list.texts == ["10.0.0.0/8", "2001:db8::/48", "192.0.2.7/32"])
        #expect(try NetworkList(parsing: list.texts) == list)
        #expect("\(list)" == "10.0.0.0/8, 2001:db8::/48, 192.0.2.7/32")
    }

    @Test("A random network holds its own addresses and not the one before or after it")
    func property() throws {
        var random = SeededRandom(seed: 21)
        for _ in 0..<2000 {
            let length = Int.random(in: 1...32, using: &random)
            let size = UInt64(1) << UInt64(32 - length)
            let start = UInt64.random(in: 0..<(1 << 32) / size, using: &random) * size
            let list = try NetworkList(parsing: ["\(dotted(start))/\(length)"])
            let inside = start + UInt64.random(in: 0..<size, using: &random)
            #expect(try list.contains(IPAddress(parsing: dotted(inside))))
            if start > 0 { #expect(try !list.contains(IPAddress(parsing: dotted(start - 1)))) }
            if start + size < 1 << 32 { #expect(try !list.contains(IPAddress(parsing: dotted(start + size)))) }
        }
    }

    private func dotted(_ value: UInt64) -> String {
        [24, 16, 8, 0].map { String(value >> UInt64($0) & 255) }.joined(separator: ".")
    }
}
