import Testing

@testable import Server

@Suite("The Date header")
struct HTTPDateTests {
    @Test(
        "Moments are written as RFC 9110 has them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400_999, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_795_231_747_000, "Sat, 21 Nov 2026 03:29:07 GMT"),
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] as [(Int64, String)])
    func text(moment: Int64, text: String) { #expect(HTTPDate.text(moment) == text) }
}
