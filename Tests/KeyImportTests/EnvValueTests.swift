import KeyImport
import SecretMemory
import Testing

@Suite("The values of a .env file")
struct EnvValueTests {
    private func value(_ text: String) -> String? {
        guard case .values(let values) = envOutcome(text), values.count == 1 else { return nil }
        return values["A"]
    }

    private func kinds(_ text: String) throws -> [ImportNote.Kind] { try env(text).notes.map(\.kind) }

    @Test("A file without names is read as one", arguments: ["", "\n", "\u{feff}", "# x", "  # x\n\n\t\r\n", "#\r\n#"])
    func empty(text: String) {
        #expect(envOutcome(text) == .values([:]))
    }

    @Test(
        "A `#` begins a comment only after a blank",
        arguments: [
            ("A=a#b", "a#b"), ("A=#b", "#b"), ("A=a #b", "a"), ("A=a\t#b", "a"), ("A=a  # b # c", "a"), ("A= # b", ""),
            ("A =#b", "#b"), ("A=a#b #c", "a#b"), ("A=# b", "# b"), ("A=a#", "a#"), ("A=a #", "a"),
            ("A='a #b' # c", "a #b"),
            ("A=\"a #b\"\t#c", "a #b"), ("A=\"#\"", "#"), ("A=''   ", ""), ("A=\u{a0}#b", "\u{a0}#b"),
        ])
    func comments(text: String, expected: String) {
        #expect(value(text) == expected)
        #expect(value(text + "\n") == expected)
        #expect(value(text + "\r\n# more\r\n") == expected)
    }

    @Test(
        "Blanks around the name, the equals sign and an unquoted value do not count",
        arguments: [
            "A=x y", "  A=x y", "\tA = x y", "A\t=\tx y\t ", "export A=x y", "export\t A = x y", " export  A=x y  # c",
        ])
    func blanks(text: String) {
        #expect(value(text) == "x y")
    }

    @Test("`export` with an equals sign after it is a name")
    func exportAsName() {
        #expect(envOutcome("export=1") == .values(["export": "1"]))
        #expect(envOutcome("export = 1") == .values(["export": "1"]))
        #expect(envOutcome("export export=1") == .values(["export": "1"]))
        #expect(envOutcome("exportA=1") == .values(["exportA": "1"]))
    }

    @Test("Names may have digits, dots and hyphens after the first character")
    func names() {
        #expect(envOutcome("_=1\na.b-c_2=3") == .values(["_": "1", "a.b-c_2": "3"]))
    }

    @Test(
        "An unquoted value is itself",
        arguments: [
            "a=b=c==", "C:\\EXAMPLE\\new", "a\\n\\\"b", "x'y'z", "x\"y", "`x`", "a\\", "ключ-鍵", "$", "100%", "a$",
            "{\"a\": 1}",
            "a\tb", "a\u{feff}b", "!@%^&*()[]<>?;:,.|~",
        ])
    func unquoted(text: String) throws {
        #expect(value("A=" + text) == text)
        #expect(try kinds("A=" + text) == [])
    }

    @Test(
        "In single quotes everything is itself",
        arguments: [
            "", " x ", "a\\nb", "\\", "\\\\", "$NAME ${NAME} $(x)", "\"", "#", " # no comment", "a\nb\n\nc", "\n",
            "a=b\nB=c", "\t",
        ])
    func single(text: String) throws {
        #expect(value("A='\(text)'") == text)
        #expect(value("A = '\(text)' # comment\n") == text)
        #expect(try kinds("A='\(text)'") == [])
    }

    @Test("In double quotes six escapes are read, and a line end is itself")
    func double() {
        #expect(value(#"A="\n\r\t\\\"\$""#) == "\n\r\t\\\"$")
        #expect(value("A=\"a\nb\"") == "a\nb")
        #expect(value("A=\"\"") == "")
        #expect(value("A=\"it's\"") == "it's")
        #expect(value(#"A="\\n""#) == #"\n"#)
        #expect(value(#"A="C:\\""#) == #"C:\"#)
    }

    @Test("In double quotes a backslash that escapes nothing is kept and noted")
    func unknownEscapes() throws {
        for text in [#"\d+"#, #"\'"#, #"\a\u00e9"#, "\\\n", #"\ "#, "\\#"] {
            #expect(value("A=\"\(text)\"") == text)
            #expect(try kinds("A=\"\(text)\"") == [.backslashKept])
        }
    }

    @Test("Nothing is expanded, and what a shell would expand is noted")
    func dollars() throws {
        for text in ["$HOME", "${HOME}", "$(id)", "x$_y", "a $HOME"] {
            for quoted in [text, "\"\(text)\""] {
                #expect(value("A=\(quoted)") == text)
                #expect(try kinds("A=\(quoted)") == [.dollarKept])
            }
        }
        #expect(try kinds(#"A="\$HOME""#) == [])
        #expect(try kinds("A=1$ $2 $") == [])
        #expect(try kinds("A=1 # $HOME") == [])
    }

    @Test("A CR LF inside quotes becomes LF and is noted")
    func lineEnds() throws {
        #expect(value("A='a\r\nb'\r\n") == "a\nb")
        #expect(value("A=\"a\r\nb\"\r\n") == "a\nb")
        #expect(try kinds("A='a\r\nb'\r\n") == [.lineEndsChanged])
        #expect(try kinds("A=a\r\n") == [])
    }

    @Test("An entry knows the lines it stands on")
    func lines() throws {
        let file = try env("\n# x\nA='1\n2\n3' # y\n\nB=4")
        #expect(file.entries.map(\.lines) == [3...5, 7...7])
    }

    @Test("A value that is written in double quotes comes back")
    func roundTrips() throws {
        var random = SeededGenerator(seed: 31)
        let alphabet: [Character] = [
            "a", "Z", " ", "#", "\"", "'", "\\", "$", "\n", "\r", "\t", "=", "é", "鍵", "{", "n", "\u{301}",
        ]
        for _ in 0..<1500 {
            let scalars = (0..<Int.random(in: 0...20, using: &random)).flatMap { _ in
                Array(alphabet[Int.random(in: 0..<alphabet.count, using: &random)].unicodeScalars)
            }
            var expected = String.UnicodeScalarView()
            expected.append(contentsOf: scalars)
            var quoted = String.UnicodeScalarView()
            for scalar in scalars {
                switch scalar {
                case "\"", "\\", "$": quoted.append(contentsOf: ["\\", scalar])
                case "\n": quoted.append(contentsOf: ["\\", "n"])
                case "\r": quoted.append(contentsOf: ["\\", "r"])
                case "\t": quoted.append(contentsOf: ["\\", "t"])
                default: quoted.append(scalar)
                }
            }
            let read = value("A=\"\(String(quoted))\" # x\n")
            #expect(read.map { Array($0.utf8) } == Array(String(expected).utf8))
        }
    }

    @Test("Whatever the text, reading ends, and a mistake is on a line of it")
    func fuzz() throws {
        var random = SeededGenerator(seed: 32)
        let pieces = [
            "A", "B", "export ", "=", " ", "\t", "#", "'", "\"", "\\", "\n", "\r\n", "\r", "$", "{", "}", ":", "é",
            "\u{feff}", "\0", "x=1",
        ]
        for _ in 0..<8000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            check(Array(text.utf8))
        }
        let shop = try #require(try fixture("shop.env").disclosedText()).utf8.map { $0 }
        for _ in 0..<150 {
            var bytes = shop
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: position)
                default: bytes.removeSubrange(position...)
                }
                if bytes.isEmpty { break }
            }
            check(bytes)
        }
    }

    private func check(_ bytes: [UInt8]) {
        let lines = bytes.count { $0 == 10 } + 1
        do {
            let file = try ImportFile.readEnv(WipedBytes(copying: bytes.span.bytes))
            #expect(Set(file.entries.map(\.name)).count == file.entries.count)
            for entry in file.entries { #expect(entry.lines.lowerBound >= 1 && entry.lines.upperBound <= lines) }
        } catch {
            #expect((1...lines).contains(error.line))
            #expect((1...bytes.count + 1).contains(error.column))
        }
    }
}
