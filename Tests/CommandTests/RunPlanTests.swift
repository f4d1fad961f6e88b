import SecretMemory
import Testing
import VaultAPI

@testable import keyturn

@Suite("What a program is to have")
struct RunPlanTests {
    static func value(_ path: String, _ fields: [String: String], expires: Int64? = nil) -> KeyValue {
        KeyValue(
            path: path, id: "id", version: 1, fields: fields.mapValues { SecretText($0) },
            expires: expires.map { Timestamp(milliseconds: $0) })
    }

    @Test(
        "A file binding that is none is refused",
        arguments: [
            "", "a", "a=", "=x", "a#=x", "../a=x", "a=b/c", "a=.", "a=..", "a=/", "a=/x/../y", "a=/x//y", "a=x\ny",
            "a=./x",
        ])
    func wrongFiles(text: String) {
        #expect(throws: Failure.self) { try FileBinding(text) }
    }

    @Test("A file binding names a key, a field and a place")
    func files() throws {
        let own = try FileBinding("tls/shop#key=shop.pem")
        #expect(
            own.reference == ValueReference(path: "tls/shop", field: "key") && own.target == .inOwnFolder("shop.pem"))
        #expect(try FileBinding("a=/run/x/a").target == .at("/run/x/a"))
        #expect(throws: Failure.self) { try FileBinding.parse(["a=x", "b=x"]) }
    }

    @Test("A map names the line that is wrong", arguments: ["A=a\nB", "# x\n\n1=b", "A=a\nA B=b"])
    func wrongMaps(text: String) {
        let failure = #expect(throws: Failure.self) { try EnvMap.parse(text) }
        #expect(failure?.sentence.contains("line ") == true)
    }

    @Test("A map holds bindings, comments and empty lines")
    func maps() throws {
        let read = try EnvMap.parse("# the shop\n\nA=shop/a\r\n  B=shop/b#secret  \n")
        #expect(read == [try EnvBinding("A=shop/a"), try EnvBinding("B=shop/b#secret")])
    }

    @Test("Names of keys beneath a prefix are the rule of imports backwards")
    func prefixes() throws {
        func names(_ path: String, _ fields: [String], beneath prefix: String) throws -> [String] {
            let all = Dictionary(uniqueKeysWithValues: fields.map { ($0, "x") })
            return try PrefixNames.bindings(of: Self.value(path, all), beneath: prefix).map(\.name)
        }
        #expect(try names("shop/stripe-secret-key", ["value"], beneath: "shop") == ["STRIPE_SECRET_KEY"])
        #expect(try names("shop/db/main.url", ["value"], beneath: "shop") == ["DB_MAIN_URL"])
        #expect(try names("cloud/aws", ["id", "secret"], beneath: "cloud") == ["AWS_ID", "AWS_SECRET"])
        #expect(try names("cloud/aws", ["value", "id"], beneath: "cloud/aws") == ["AWS_ID", "AWS"])
        #expect(throws: Failure.self) { try names("shop/2nd", ["value"], beneath: "shop") }
        #expect(throws: Failure.self) { try names("a/keyturn-access-key", ["value"], beneath: "a") }
    }

    @Test("Two keys beneath a prefix that would have one name are refused; a name that was given stands first")
    func collisions() throws {
        var plan = RunPlan(prefix: "shop")
        let values = RunValues(entries: [
            (ValueReference(path: "shop/a-b"), Self.value("shop/a-b", ["value": "one"])),
            (ValueReference(path: "shop/a.b"), Self.value("shop/a.b", ["value": "two"])),
            (ValueReference(path: "other", field: "value"), Self.value("other", ["value": "three"])),
        ])
        #expect(throws: Failure.self) { try plan.environment(from: values) }
        plan.variables = [try EnvBinding("A_B=other")]
        let found = try plan.environment(from: values)
        #expect(found.map(\.name) == ["A_B"] && found.map { $0.value.disclosedText() } == ["three"])
    }

    @Test("A field that is missing is a failure with the code of what is not found")
    func missingField() throws {
        let plan = RunPlan(variables: [try EnvBinding("A=a#secret")])
        let values = RunValues(entries: [(ValueReference(path: "a", field: "secret"), Self.value("a", ["value": "x"]))])
        let failure = #expect(throws: Failure.self) { try plan.environment(from: values) }
        #expect(failure?.exit == .notFound)
    }

    @Test("What is asked for twice is asked for once, and a cache is bound to all of it")
    func references() throws {
        let plan = RunPlan(
            variables: [try EnvBinding("A=a"), try EnvBinding("B=a"), try EnvBinding("C=a#id")],
            files: [try FileBinding("a=x")], prefix: "shop")
        #expect(plan.references.map(\.field) == ["value", "id"])
        #expect(plan.names == ["key a#value", "key a#id", "prefix shop"])
    }

    @Test(
        "A signal is one of those that programs reload by", arguments: ["", "KILL", "STOP", "9", "hup", "SIGNOTHING"])
    func wrongSignals(text: String) {
        #expect(throws: Failure.self) { try SignalName.number(text) }
    }

    @Test("Signals go by name, by long name and by number")
    func signals() throws {
        #expect(
            try SignalName.number("HUP") == 1 && SignalName.number("SIGUSR2") == 12 && SignalName.number("15") == 15)
    }
}
