import Testing

@testable import VaultAPI

@Suite("Rotation on the wire")
struct RotationWireTests {
    private static let moment = Timestamp(milliseconds: 1_795_231_747_000)

    private func refused<Request: WireRequest>(_ type: Request.Type, _ json: String) -> WireRefusal? {
        do {
            _ = try WireJSON.request(type, from: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try WireJSON.encode(value), as: UTF8.self)
    }

    @Test(
        "What a rotation does not know is refused with its place, in a new version and in an edit",
        arguments: [
            (#"{"rotator":"generate","evry":"30d"}"#, "rotation.evry"),
            (#"{"every":"30d"}"#, "rotation.rotator"),
            (#"{"rotator":"generate","missed":"later"}"#, "rotation.missed"),
            (#"{"rotator":"generate","retire":"never"}"#, "rotation.retire"),
            (#"{"rotator":"generate","window":"22-04"}"#, "rotation.window"),
            (#"{"rotator":"generate","settings":{"length":40}}"#, "rotation.settings.length"),
            (#"{"rotator":"generate","settings":[]}"#, "rotation.settings"),
            (#"{"rotator":"generate","every":30}"#, "rotation.every"),
            (#"{"rotator":"generate","state":"scheduled"}"#, "rotation.state"),
        ])
    func strict(rotation: String, field: String) throws {
        #expect(refused(PutKeyRequest.self, #"{"fields":{"value":"x"},"rotation":\#(rotation)}"#)?.field == field)
        #expect(refused(EditKeyRequest.self, #"{"rotation":\#(rotation)}"#)?.field == field)
    }

    @Test("A value in the wrong place of a rotation is in no message")
    func marker() throws {
        for rotation in [
            #"{"rotator":"generate","window":"MARKER-7781"}"#, #"{"rotator":"generate","missed":"MARKER-7781"}"#,
            #"{"rotator":"generate","MARKER-7781":1}"#, #"{"rotator":["MARKER-7781"]}"#, #""MARKER-7781""#,
        ] {
            let refusal = try #require(refused(EditKeyRequest.self, #"{"rotation":\#(rotation)}"#))
            #expect(!"\(refusal) \(refusal.problem)".contains("MARKER"))
        }
    }

    @Test("An edit tells apart a rotation that is left out, taken away and given")
    func edits() throws {
        #expect(try WireJSON.request(EditKeyRequest.self, from: Array("{}".utf8)).rotation == .unchanged)
        #expect(try WireJSON.request(EditKeyRequest.self, from: Array(#"{"rotation":null}"#.utf8)).rotation == .cleared)
        let given = EditKeyRequest(rotation: .set(RotationRequest(rotator: "generate", every: "30d")))
        #expect(try text(given) == #"{"rotation":{"every":"30d","rotator":"generate"}}"#)
        #expect(try WireJSON.request(EditKeyRequest.self, from: WireJSON.encode(given)) == given)
        #expect(try text(EditKeyRequest(rotation: .cleared)) == #"{"rotation":null}"#)
    }

    @Test("A new version carries its rotation there and back")
    func put() throws {
        let request = PutKeyRequest(
            fields: ["value": SecretText("x")],
            rotation: RotationRequest(
                rotator: "http", schedule: "0 3 1 * *", settings: ["provider": "sendgrid"], overlap: "24h",
                missed: .next, retire: .whenAcknowledged, deadline: "7d", jitter: "1h",
                window: DayWindow(from: 1320, until: 240), paused: true))
        let json = try WireJSON.encode(request)
        #expect(String(decoding: json, as: UTF8.self).contains(#""window":"22:00-04:00""#))
        #expect(String(decoding: json, as: UTF8.self).contains(#""retire":"when-acknowledged""#))
        #expect(try WireJSON.request(PutKeyRequest.self, from: json) == request)
    }

    @Test(
        "A window is two different times of day, written in full",
        arguments: [
            "", "-", "22:00", "22:00-", "22:00-22:00", "24:00-04:00", "22:60-04:00", "2:00-04:00", "22:00-04:00-05:00",
            "22:00 - 04:00", "+2:00-04:00", "22.00-04.00", "22:00–04:00",
        ])
    func windows(text: String) {
        #expect(DayWindow(parsing: text) == nil)
    }

    @Test("A window reads back as it is written, over midnight and not")
    func window() {
        for text in ["00:00-00:01", "22:00-04:00", "09:05-23:59"] {
            #expect(DayWindow(parsing: text)?.description == text)
        }
        #expect(DayWindow(parsing: "22:00-04:30") == DayWindow(from: 1320, until: 270))
    }

    @Test(
        "The name of an instance is short and plain",
        arguments: ["", "a b", "a/b", "é", "a\n", String(repeating: "a", count: 65)])
    func instances(name: String) {
        #expect(!InstanceName.isValid(name))
        #expect(InstanceName.isValid("web-1.eu_A"))
        #expect(InstanceName.isValid(String(repeating: "a", count: 64)))
    }

    @Test("Where a rotation stands uses snake case, and leaves out what is not there")
    func report() throws {
        let rotation = KeyRotation(
            rotator: "generate", every: "90d", author: "access-key:abc", state: .failing, step: "create",
            due: Self.moment, nextAttempt: Self.moment, lastRotated: Self.moment, attempts: 2, candidates: 1,
            error: "timed_out", errorStep: "create", errorTime: Self.moment, retireAfter: Self.moment,
            retireDeadline: Self.moment,
            consumers: [
                KeyConsumer(
                    caller: "unix-user:1000", instance: "web-1", version: 3, seen: Self.moment, holdsBack: true)
            ])
        let json = try text(rotation)
        for name in [
            "next_attempt", "last_rotated", "error_step", "error_time", "retire_after", "retire_deadline", "holds_back",
        ] {
            #expect(json.contains("\"\(name)\":"))
        }
        #expect(!json.contains("schedule") && !json.contains("paused_since") && !json.contains("window"))
        #expect(try WireJSON.reply(KeyRotation.self, from: Array(json.utf8)) == rotation)
    }

    @Test("An end that was asked for, and what was left behind, are there only where there is something to say")
    func aborting() throws {
        var rotation = KeyRotation(rotator: "http", author: "a", state: .failing, step: "reconcile")
        let before = try text(rotation)
        #expect(!before.contains("aborting") && !before.contains("possible_orphans"))
        #expect(try WireJSON.reply(KeyRotation.self, from: Array(before.utf8)) == rotation)
        rotation.aborting = true
        rotation.possibleOrphans = [
            PossibleOrphan(handle: "k1", mark: "keyturn-00-11", step: "discard", since: Self.moment),
            PossibleOrphan(mark: "keyturn-00-", step: "reconcile", since: Self.moment),
        ]
        let json = try text(rotation)
        #expect(json.contains(#""aborting":true"#) && json.contains(#""handle":"k1""#))
        #expect(try WireJSON.reply(KeyRotation.self, from: Array(json.utf8)) == rotation)
    }

    @Test("The settings that are told can be given again")
    func again() throws {
        let rotation = KeyRotation(
            rotator: "generate", every: "90d", settings: ["length": "40"], overlap: "1d", jitter: "1h", paused: true,
            author: "a", state: .paused, step: "idle")
        let request = rotation.request
        #expect(request.settings == ["length": "40"] && request.every == "90d" && request.paused == true)
        #expect(try WireJSON.request(RotationRequest.self, from: WireJSON.encode(request)) == request)
    }

    @Test("In a list the members of a rotation stand among those of the key")
    func list() throws {
        let entry = RotationEntry(
            path: "a/b", id: "00", current: 4, previous: 3, previousUntil: Self.moment,
            rotation: KeyRotation(rotator: "manual", author: "a", state: .due, step: "idle"))
        let list = RotationList(rotations: [entry], cursor: "next")
        let json = try text(list)
        #expect(json.contains(#""path":"a/b""#) && json.contains(#""state":"due""#))
        #expect(try WireJSON.reply(RotationList.self, from: Array(json.utf8)) == list)
    }

    @Test("The bodies of verbs take what they know and no more")
    func verbs() throws {
        #expect(refused(RotateRequest.self, #"{"endOverlap":true}"#)?.code == .unknownMember)
        #expect(refused(AcknowledgeRequest.self, #"{"version":"4"}"#)?.field == "version")
        let rotate = try WireJSON.request(RotateRequest.self, from: Array(#"{"end_overlap":true}"#.utf8))
        #expect(rotate == RotateRequest(endOverlap: true))
        let acknowledge = AcknowledgeRequest(version: 4, instance: "web-1")
        #expect(try WireJSON.request(AcknowledgeRequest.self, from: WireJSON.encode(acknowledge)) == acknowledge)
    }
}
