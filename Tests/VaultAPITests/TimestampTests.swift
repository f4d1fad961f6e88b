import Testing

@testable import VaultAPI

@Suite("Times on the wire")
struct TimestampTests {
    @Test(
        "A text that is no time of RFC 3339 is refused",
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T03:29:07", "2026-11-21 03:29:07Z", "2026-11-21t03:29:07Z",
            "2026-11-21T03:29:07z", "2026-11-21T03:29Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z",
            "2026-11-21T24:00:00Z", "2026-11-21T23:60:00Z", "2026-12-31T23:59:60Z", "2026-11-21T03:29:07.Z",
            "2026-11-21T03:29:07.1234567890Z", "2026-11-21T03:29:07+1:00", "2026-11-21T03:29:07+0100",
            "2026-11-21T03:29:07+24:00", "2026-11-21T03:29:07ZZ", " 2026-11-21T03:29:07Z", "2026-11-21T03:29:07Z\n",
            "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "+2026-11-21T03:29:07Z",
            "-026-11-21T03:29:07Z", "２０２６-11-21T03:29:07Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test(
        "A time is read to the millisecond, whatever its offset",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T03:29:07Z", 1_795_231_747_000),
            ("2026-11-21T04:29:07+01:00", 1_795_231_747_000), ("2026-11-20T22:59:07.25-04:30", 1_795_231_747_250),
            ("2000-02-29T12:00:00Z", 951_825_600_000), ("2026-11-21T03:29:07.1239999Z", 1_795_231_747_123),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2026-11-21T03:29:07-00:00", 1_795_231_747_000),
        ] as [(String, Int64)])
    func accepted(text: String, milliseconds: Int64) {
        #expect(Timestamp(parsing: text)?.milliseconds == milliseconds)
    }

    @Test("every day of 400 years is shown and read back")
    func everyDay() {
        var previous = ""
        for day in Int64(0)..<(400 * 366) {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 45_296_007)
            let text = moment.description
            #expect(text > previous)
            #expect(text.hasSuffix("T12:34:56.007Z"))
            #expect(Timestamp(parsing: text) == moment)
            previous = text
        }
    }

    @Test("Milliseconds are shown only where there are any, and moments out of range as the nearest in it")
    func shown() {
        #expect(Timestamp(milliseconds: 1_795_231_747_000).description == "2026-11-21T03:29:07Z")
        #expect(Timestamp(milliseconds: 1_795_231_747_090).description == "2026-11-21T03:29:07.090Z")
        #expect(Timestamp(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).description == "0000-01-01T00:00:00Z")
    }
}
