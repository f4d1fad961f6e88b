import Rotation
import SecretMemory
import Testing
import Vault

@testable import Console

/// From what browsers send to what was meant.
@Suite struct FormTests {
    private func form(_ text: String) throws(FormError) -> FormFields {
        try FormFields(decoding: WipedBytes(utf8: text))
    }

    @Test(
        "A form that is not well encoded, or has too many fields, is refused",
        arguments: [
            "a=%", "a=%4", "a=%zz", "%=a", "a=%4g", "%ff=a", "a=b&%c3%28=d",
            Array(repeating: "a=b", count: 201).joined(separator: "&"),
        ])
    func malformed(text: String) {
        #expect(throws: FormError.self) { try form(text) }
    }

    @Test("Fields are decoded once; the first of a name counts; a value that is no text is none")
    func decoded() throws {
        let form = try form("a=1+2%2B3&b=%253C&a=other&c&d=&e=%ff&f=%0D%0A+x%0D%0Ay+%0D%0A&g=%E2%82%AC")
        #expect(form["a"] == "1 2+3" && form["b"] == "%3C" && form["c"] == "" && form["d"] == "" && form["e"] == "")
        #expect(form["f"] == "x\ny" && form["g"] == "€" && form["none"] == "")
        #expect(form.isTicked("c") && !form.isTicked("none") && form.text("d") == nil)
        #expect(form.secret("e")?.count == 1 && form.secrets("a").count == 2)
        #expect(try FormFields(decoding: nil).names.isEmpty)
    }

    @Test("A value loses the line break that browsers add, one at its end, and nothing else")
    func asTyped() {
        for (typed, meant) in [
            ("a\r\nb\r\n", "a\nb"), ("a\n\n", "a\n"), (" a ", " a "), ("\r", "\r"), ("a\rb", "a\rb"), ("\r\n", ""),
            ("", ""),
        ] {
            #expect(WipedBytes(utf8: typed).asTyped().disclosedText() == meant)
        }
    }

    @Test("The end of something is a time, a day in UTC or a duration from now; anything else is a mistake")
    func ends() {
        let now: Int64 = 1_800_000_000_000
        func end(_ text: String) -> Int64?? { try? FormKit.end(text, now: now).get() }
        #expect(end("") == .some(nil) && end("90d") == now + 90 * 86_400_000)
        #expect(end("1970-01-02") == 2 * 86_400_000 - 1_000 && end("1970-01-01T00:00:01Z") == 1_000)
        for wrong in [
            "soon", "-1d", "0d", "1", "2027-13-01", "2027-02-30", "9999999999999w", "1d 2h", "2027-01-31 12:00",
        ] {
            #expect(throws: FormMistake.self, "\(wrong)") { try FormKit.end(wrong, now: now).get() }
        }
    }

    @Test("Settings of a rotation are read as they are shown, and what cannot be read is named")
    func rotation() {
        var errors = FieldErrors()
        let fields = FormFields([
            ("rotator", "generate"), ("schedule", "0 4 1 * *"), ("settings", "length = 40\nprefix=a=b\n"),
            ("jitter", "1h"),
            ("overlap", "24h"), ("retire", "when-acknowledged"), ("deadline", "14d"), ("missed", "next"),
            ("window", "22:30-04:00"),
        ])
        let read = RotationForm.settings(fields, &errors)
        #expect(errors.isEmpty && read?.settings == ["length": "40", "prefix": "a=b"])
        #expect(read?.timing == .schedule("0 4 1 * *") && read?.window == RotationWindow(from: 1350, until: 240))
        guard let read else { return }
        #expect(RotationForm.settings(FormFields(RotationForm.texts(read)), &errors) == read && errors.isEmpty)
        let wrong: [(String, String)] = [
            ("settings", "length"), ("settings", "=4"), ("settings", "a=1\na=2"), ("window", "25:00-01:00"),
            ("window", "1-2"),
            ("jitter", "x"), ("overlap", "-1h"), ("deadline", "1"), ("every", "never"),
        ]
        for (name, text) in wrong {
            var errors = FieldErrors()
            _ = RotationForm.settings(FormFields([("rotator", "generate"), (name, text)]), &errors)
            #expect(errors[name] != nil, "\(name) \(text)")
        }
        var both = FieldErrors()
        _ = RotationForm.settings(
            FormFields([("rotator", "generate"), ("every", "1d"), ("schedule", "0 4 1 * *")]), &both)
        #expect(both["schedule"] != nil)
        var none = FieldErrors()
        #expect(
            RotationForm.settings(FormFields([("rotator", ""), ("every", "1d")]), &none) == nil
                && none["rotator"] != nil)
    }

    @Test("A cookie that is there twice is none, nor one of another's name")
    func cookies() {
        let plain = Cookies(place: .labelled)
        #expect(plain.value(.session, in: ["a=b; keyturn=x.y; c=d"]) == "x.y")
        #expect(
            plain.value(.session, in: ["keyturn=x; keyturn=y"]) == nil
                && plain.value(.session, in: ["keyturn=x", "keyturn=y"]) == nil)
        #expect(plain.value(.session, in: ["__Host-keyturn=x", "keyturn-visit=y", "xkeyturn=z"]) == nil)
        #expect(plain.value(.session, in: ["keyturn=" + String(repeating: "a", count: 300)]) == nil)
        #expect(Cookies(place: .encrypted).value(.session, in: ["keyturn=x"]) == nil)
    }
}
