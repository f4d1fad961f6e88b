import ArgumentParser
import Foundation
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

    @Test(
        "A map names its file and the line that is wrong",
        arguments: [
            ("A=a\nB", 2), ("# x\n\n1=b", 3), ("A=a\nA B=b", 2), ("A=../a", 1), ("A=a\nB=b#NO", 2),
            ("A=a\nKEYTURN_ACCESS_KEY=a", 2), ("A=a\n\nB=b\nA=c", 4),
        ])
    func wrongMaps(text: String, line: Int) throws {
        let path = "/tmp/keyturn-map-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let options = try RunOptions.parse(["--env-file", path])
        let failure = #expect(throws: Failure.self) { try options.plan() }
        #expect(failure?.exit == .usage)
        #expect(failure?.sentence.hasPrefix("--env-file \(path), line \(line): ") == true, "\(failure?.sentence ?? "")")
    }

    @Test("A map that cannot be read, or is no text, is named")
    func unreadableMaps() throws {
        let path = "/tmp/keyturn-map-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let options = try RunOptions.parse(["--env-file", path])
        for contents in [nil, [0x41, 0x3D, 0xFF]] as [[UInt8]?] {
            if let contents { try Data(contents).write(to: URL(fileURLWithPath: path)) }
            let failure = #expect(throws: Failure.self) { try options.plan() }
            #expect(failure?.sentence.hasPrefix("--env-file \(path): ") == true)
        }
    }

    @Test("A name that stands in a map and on the command line is named with both places")
    func twice() throws {
        let path = "/tmp/keyturn-map-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("A=b\n".utf8).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: Failure.self) {
            try RunOptions.parse(["--env", "A=a", "--env-file", path]).plan()
        }
        #expect(failure?.sentence == "--env-file \(path), line 1: A is named already, by --env")
    }

    @Test(
        "A program for which no key is named is not started, and all options that could name one are",
        arguments: [[], ["--restart-on-change"]])
    func nothing(arguments: [String]) throws {
        let failure = #expect(throws: Failure.self) { try RunOptions.parse(arguments).plan() }
        #expect(failure?.exit == .usage)
        for option in ["--env", "--env-file", "--prefix", "--file"] {
            #expect(failure?.lines.joined().contains(option) == true)
        }
    }

    @Test("A map holds bindings, comments and empty lines")
    func maps() throws {
        let read = try EnvMap.parse("# the shop\n\nA=shop/a\r\n  B=shop/b#secret  \n", of: "map")
        #expect(read.map(\.binding) == [try EnvBinding("A=shop/a"), try EnvBinding("B=shop/b#secret")])
        #expect(read.map(\.source) == ["map, line 3", "map, line 4"])
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
