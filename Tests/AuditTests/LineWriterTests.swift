import Testing

@testable import Audit

@Suite("Writing a line's bytes") struct LineWriterTests {
    @Test(
        "Decimal digits are those of the number",
        arguments: [0, 1, 9, 10, 99, 100, 12_345, UInt64.max / 10, .max - 1, .max])
    func decimal(number: UInt64) {
        var line = LineEncoder(capacity: 0)
        line.field("n", number)
        #expect(String(decoding: line.bytes, as: UTF8.self) == ",\"n\":\(number)")
        #expect(line.finish() == Array(",\"n\":\(number)".utf8))
    }

    @Test("Text is plain where each of its bytes is, wherever the first that is not stands")
    func plain() {
        for length in 0...20 {
            var text = [UInt8](repeating: 0x61, count: length)
            let isPlainAtFirst = PlainText.isPlain(text.span.bytes)
            #expect(isPlainAtFirst)
            for place in text.indices {
                for byte in UInt8.min ... .max {
                    text[place] = byte
                    let isPlain = (0x20...0x7E).contains(byte) && byte != 0x22 && byte != 0x5C
                    let found = PlainText.isPlain(text.span.bytes)
                    #expect(found == isPlain, "\(byte) at \(place) of \(length)")
                }
                text[place] = 0x61
            }
        }
    }

    @Test("A negative number and times of all lengths come out as before")
    func others() {
        var line = LineEncoder(capacity: 4)
        line.field("a", -17)
        line.field("t", time: 1_763_695_747_123)
        line.field("b", String(repeating: "é", count: 3), limit: 4)
        #expect(
            String(decoding: line.bytes, as: UTF8.self)
                == #","a":-17,"t":"2025-11-21T03:29:07.123Z","b":"\u00e9\u00e9\u2026""#)
    }
}
