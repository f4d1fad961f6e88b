import KeyImport
import SecretMemory
import Testing

@Suite("The plan of an import")
struct ImportPlanTests {
    private func problems(_ file: ImportFile, _ rule: PathRule) -> [ImportPlanProblem] {
        do {
            _ = try ImportPlan(file, rule: rule)
            return []
        } catch {
            return error.problems
        }
    }

    @Test("Two names on one path are refused, and both are named")
    func collisions() throws {
        let file = try env("STRIPE_KEY=1\nstripe.key=2\nOTHER=3\nstripe--key=4\n")
        let expected = ImportPlanProblem.collision(
            path: "stripe-key", names: ["STRIPE_KEY", "stripe.key", "stripe--key"])
        #expect(problems(file, try PathRule()) == [expected])
        #expect("\(expected)".contains("STRIPE_KEY and stripe.key and stripe--key"))
        let mapped = try PathRule(mappings: ["STRIPE_KEY=other"])
        #expect(
            problems(file, mapped) == [
                .collision(path: "other", names: ["STRIPE_KEY", "OTHER"]),
                .collision(path: "stripe-key", names: ["stripe.key", "stripe--key"]),
            ])
    }

    @Test("A mapping of a name that is not in the file is refused")
    func unknownNames() throws {
        let rule = try PathRule(mappings: ["B=b", "A=a", "C=c"])
        #expect(problems(try env("A=1"), rule) == [.unknownName(name: "B"), .unknownName(name: "C")])
    }

    @Test("A name of which nothing is left needs a mapping")
    func nothingLeft() throws {
        #expect(problems(try env("__=1\n_.-=2"), try PathRule()) == [.noPath(name: "__"), .noPath(name: "_.-")])
        #expect(problems(try json("{\"a/_/b\":\"x\"}"), try PathRule()) == [.noPath(name: "a/_/b")])
        let rule = try PathRule(mappings: ["__=underscores"])
        #expect(try ImportPlan(try env("__=1"), rule: rule).items.map(\.path) == ["underscores"])
    }

    @Test("A path that the prefix makes too long is refused")
    func tooLong() throws {
        let file = try env(String(repeating: "A", count: 250) + "=1")
        #expect(problems(file, try PathRule()) == [])
        #expect(problems(file, try PathRule(prefix: "shop")) == [])
        #expect(
            problems(file, try PathRule(prefix: "shops")) == [.pathTooLong(name: String(repeating: "A", count: 250))])
        let deep = try PathRule(prefix: (0..<16).map { "p\($0)" }.joined(separator: "/"))
        #expect(problems(try env("A=1"), deep) == [.pathTooLong(name: "A")])
    }

    @Test("A key of which only some fields are empty is refused")
    func someFieldsEmpty() throws {
        let file = try json("{\"a\":{\"id\":\"x\",\"secret\":\"\"},\"b\":{\"id\":\"\",\"secret\":\"\"}}")
        #expect(problems(file, try PathRule()) == [.emptyField(name: "a", field: "secret")])
        let all = try ImportPlan(file, rule: try PathRule(), emptyValues: .imported)
        #expect(all.items.count == 2)
    }

    @Test("Everything that is wrong is told at once")
    func together() throws {
        let file = try env("A=1\na=2\n__=3\n")
        let rule = try PathRule(mappings: ["Z=z"])
        let expected: [ImportPlanProblem] = [
            .unknownName(name: "Z"), .noPath(name: "__"), .collision(path: "a", names: ["A", "a"]),
        ]
        #expect(problems(file, rule) == expected)
        let error = #expect(throws: ImportPlanError.self) { try ImportPlan(file, rule: rule) }
        #expect(error?.description.split(separator: "\n").count == 3)
    }

    @Test(
        "A prefix that is no path is refused",
        arguments: [
            "", "/", "/shop", "shop//", "a//b", ".", "..", "a/../b", "a b", "é", "a\n",
            String(repeating: "a", count: 256),
        ])
    func badPrefixes(prefix: String) {
        #expect(throws: PathRuleError.malformedPrefix) { try PathRule(prefix: prefix) }
    }

    @Test(
        "A mapping that does not read NAME=PATH is refused by its number",
        arguments: ["", "A", "A=", "=a", "A=/a", "A=a/", "A=a b", "A=a=b", "A =a", "A=../a", "é=a"])
    func badMappings(mapping: String) {
        #expect(throws: PathRuleError.malformedMapping(number: 2)) { try PathRule(mappings: ["B=b", mapping]) }
    }

    @Test("A name that is mapped twice is refused")
    func mappedTwice() {
        #expect(throws: PathRuleError.mappedTwice(name: "A")) { try PathRule(mappings: ["A=a", "A=a"]) }
    }

    @Test(
        "Names become paths by the rule",
        arguments: [
            ("STRIPE_SECRET_KEY", "stripe-secret-key"), ("A", "a"), ("_A_", "a"), ("A__B", "a-b"), ("a.b.c", "a-b-c"),
            ("A_.-B", "a-b"), ("A-B", "a-b"), ("a1_2", "a1-2"), ("__x--", "x"), ("already-right", "already-right"),
            ("payments/STRIPE_KEY", "payments/stripe-key"), ("9lives", "9lives"),
        ])
    func paths(name: String, path: String) throws {
        #expect(try PathRule().path(of: name) == path)
        #expect(try PathRule(prefix: "shop/live").path(of: name) == "shop/live/\(path)")
        #expect(try PathRule(prefix: "shop/").path(of: name) == "shop/\(path)")
        #expect(try PathRule(prefix: "shop", mappings: ["\(name)=Else.where/x"]).path(of: name) == "Else.where/x")
    }

    @Test("Every name that can be read gets a valid path or none, and a path is its own path")
    func alwaysValid() throws {
        var random = SeededGenerator(seed: 51)
        let alphabet = Array("aZ09_.-")
        for _ in 0..<3000 {
            let tail = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let name = ["a", "Z", "_"].randomElement(using: &random).map { $0 + String(tail) } ?? "a"
            _ = try env("\(name)=1")
            guard let path = try? PathRule().path(of: name) else {
                #expect(name.allSatisfy { "_.-".contains($0) })
                continue
            }
            #expect(path.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
            #expect(try PathRule().path(of: path) == path)
        }
    }

    @Test("The rule is told in a sentence that mentions the prefix and the mappings")
    func sentence() throws {
        let plain = try PathRule().sentence
        #expect(
            plain
                == "Names become paths: lower case, one `-` for every run of `_`, `.` and `-`, none at either end."
        )
        #expect(try PathRule(prefix: "shop/").sentence.contains("`shop/` goes before each"))
        #expect(try PathRule(mappings: ["A=a"]).sentence.contains("one name has a path of its own"))
        #expect(try PathRule(mappings: ["A=a", "B=b"]).sentence.contains("2 names have paths of their own"))
    }

    @Test("A plan is printed with names, paths, lengths and notes, and no value")
    func printed() throws {
        let plan = try ImportPlan(try env("LONGER=EXAMPLE$X\nA=E\nNONE=\nOFF=\n"), rule: try PathRule(prefix: "shop"))
        #expect(
            plan.description == """
                Names become paths: lower case, one `-` for every run of `_`, `.` and `-`, none at either end; \
                `shop/` goes before each.
                  LONGER  ->  shop/longer  (9 bytes)
                  A       ->  shop/a  (1 byte)
                  skipped: NONE on line 3 is empty
                  skipped: OFF on line 4 is empty
                  note: line 1: LONGER holds a `$`, which is kept as it stands: nothing is expanded
                """)
        let pair = try ImportPlan(try json("{\"aws\":{\"id\":\"AKIA\",\"secret\":\"x\"}}"), rule: try PathRule())
        #expect(pair.description.hasSuffix("  aws  ->  aws  (id: 4 bytes, secret: 1 byte)"))
    }

    @Test("An empty value is imported where that is asked for")
    func emptyImported() throws {
        let plan = try ImportPlan(try env("A=\n"), rule: try PathRule(), emptyValues: .imported)
        #expect(plan.items.map(\.path) == ["a"])
        #expect(plan.skipped.isEmpty)
    }
}
