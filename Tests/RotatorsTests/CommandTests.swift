import Foundation
import Outbound
import Rotation
import SecretMemory
import TestThreads
import Testing

@testable import Rotators

@Suite(.blocks) struct CommandRotatorTests {
    /// A folder with a program in it.
    final class Place: Sendable {
        let folder: String
        let program: String

        init(_ script: String, mode: Int = 0o700) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)").path()
            program = folder + "/rotate"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // Written by another process: what this one has open for writing, a child of another test may have open too for a
            // moment, and a program that somebody has open for writing is not run (ETXTBSY).
            let text = folder + "/text"
            try ("#!/bin/sh\n" + script).write(toFile: text, atomically: false, encoding: .utf8)
            let copying = try Process.run(URL(filePath: "/bin/cp"), arguments: [text, program])
            copying.waitUntilExit()
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: program)
        }
        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func rotator(_ settings: [String: String] = [:], milliseconds: Int64 = 600_000) throws -> any Rotator {
            try CommandRotatorKind(["mine": try OwnedProgram(program)], milliseconds: milliseconds)
                .rotator(settings.merging(["command": "mine"]) { $1 })
        }
    }

    private var context: RotationContext {
        var context = Sample.context
        context.current = Candidate(handle: "7", fields: [Sample.field("value", "old\"\n")])
        return context
    }

    @Test("A program that others could change is not taken")
    func ownership() throws {
        let place = try Place("exit 0")
        #expect(throws: OwnedProgram.Problem.notAbsolute) { try OwnedProgram("rotate") }
        #expect(throws: OwnedProgram.Problem.notAbsolute) { try OwnedProgram(place.folder + "/../x") }
        #expect(throws: OwnedProgram.Problem.unreadable) { try OwnedProgram(place.folder + "/none") }
        #expect(throws: OwnedProgram.Problem.notAProgram) { try OwnedProgram(place.folder) }
        try FileManager.default.createSymbolicLink(atPath: place.folder + "/link", withDestinationPath: place.program)
        #expect(throws: OwnedProgram.Problem.notAProgram) { try OwnedProgram(place.folder + "/link") }
        for mode in [0o720, 0o702] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place.program)
            #expect(throws: OwnedProgram.Problem.writable) { try OwnedProgram(place.program) }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.program)
        #expect(throws: OwnedProgram.Problem.notAProgram) { try OwnedProgram(place.program) }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: place.program)
        try FileManager.default.setAttributes([.posixPermissions: 0o770], ofItemAtPath: place.folder)
        #expect(throws: OwnedProgram.Problem.writable) { try OwnedProgram(place.program) }
    }

    @Test("A program that was changed between two runs is not run")
    func changed() async throws {
        let place = try Place(#"echo '{"outcome":"done"}'"#)
        let rotator = try place.rotator()
        #expect(await rotator.test(Candidate(handle: "1", fields: []), context).fault == nil)
        try FileManager.default.setAttributes([.posixPermissions: 0o722], ofItemAtPath: place.program)
        #expect(
            await rotator.test(Candidate(handle: "1", fields: []), context).fault == "not done command_failed")
    }

    @Test("It reads one question and answers with a new key")
    func creates() async throws {
        let place = try Place(
            #"""
            cat > "${0%/*}/question"
            env > "${0%/*}/environment"
            pwd > "${0%/*}/where"
            echo 'a secret' >&2
            echo '{"outcome":"done","handle":"8","fields":{"value":"new","user":"app"}}'
            """#)
        let made = try #require(await place.rotator(["zone": "e\"u"]).create(context).value)
        #expect(made.handle == "8" && made.fields.map(\.name) == ["user", "value"])
        #expect(made.field("value")?.disclosedText() == "new")
        let question = try String(contentsOfFile: place.folder + "/question", encoding: .utf8)
        #expect(
            question == #"{"step":"create","key":"payments/api","mark":"\#(Sample.mark)","token":"000102030405060708"#
                + #"090a0b0c0d0e0f","settings":{"zone":"e\"u"},"current":{"handle":"7","fields":{"value":"old\"\u000a"}}}"#
                + "\n")
        let environment = try String(contentsOfFile: place.folder + "/environment", encoding: .utf8)
        #expect(environment.split(separator: "\n").allSatisfy { $0.hasPrefix("PWD=") || $0.hasPrefix("_=") })
        #expect(try String(contentsOfFile: place.folder + "/where", encoding: .utf8) == "/\n")
    }

    @Test(
        "What goes wrong in a program leaves a creation in doubt",
        arguments: [
            ("exit 3", "doubtful command_failed"), ("kill -9 $$", "doubtful command_failed"),
            ("exit 0", "doubtful bad_reply"), ("echo done", "doubtful bad_reply"),
            (#"echo '{"outcome":"done"}'"#, "doubtful bad_reply"),
            (#"echo '{"outcome":"done","fields":{"value":""}}'"#, "doubtful empty_value"),
            (#"echo '{"outcome":"done","fields":{"value":1}}'"#, "doubtful bad_reply"),
            ("head -c 200000 /dev/zero", "doubtful too_large"),
            (#"echo '{"outcome":"doubtful","reason":"server_error"}'"#, "doubtful server_error"),
            (#"echo '{"outcome":"rejected","reason":"limit_reached"}'"#, "rejected limit_reached"),
            (#"echo '{"outcome":"rejected","reason":"<b>","another":true}'"#, "rejected refused, another"),
            (#"echo '{"outcome":"not_done","reason":"rate_limited","retry_after":9}'"#, "not done rate_limited 9000"),
        ])
    func failures(script: String, expected: String) async throws {
        let place = try Place(script)
        #expect(try await place.rotator().create(context).fault == expected)
    }

    @Test("A program that ends without reading ends nothing else, whatever this process does with a broken pipe")
    func brokenPipe() async {
        await #expect(processExitsWith: .success) {
            _ = signal(SIGPIPE, SIG_DFL)
            let place = try Place("exec 0<&-; exit 3")
            // More than a pipe holds: some of it is written when nobody can read it.
            let question = WipedBytes(utf8: String(repeating: "x", count: 1 << 20))
            let ending = try await OwnedProgram(place.program).run(question, milliseconds: 60_000, most: 100)
            guard case .ended(3, _) = ending else { exit(9) }
        }
    }

    @Test("A program that does not end is killed with all that it started")
    func killed() async throws {
        let place = try Place("sleep 1000 & echo $! > \"${0%/*}/child\"; wait")
        #expect(try await place.rotator(milliseconds: 10_000).create(context).fault == "doubtful timed_out")
        let child = try String(contentsOfFile: place.folder + "/child", encoding: .utf8)
        let id = try #require(Int32(child.trimmingCharacters(in: .whitespacesAndNewlines)))
        // It was sent a signal that nobody survives; the kernel ends it when it comes to it, and whoever adopted it may
        // not have waited for it then. By itself it would sleep on.
        let end = ContinuousClock.now + .seconds(300)
        func isAlive() -> Bool {
            let state = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8).split(separator: " ")[2]
            return state != nil && state != "Z" && state != "X"
        }
        while isAlive(), ContinuousClock.now < end { usleep(1_000) }
        #expect(!isAlive())
    }

    @Test("A list tells its own attempts by their mark")
    func lists() async throws {
        let place = try Place(
            #"echo '{"outcome":"done","items":[{"handle":"1"},{"handle":"2","mark":"\#(Sample.mark)"}]}'"#)
        let rotator = try place.rotator(["lists": "true"])
        #expect(rotator.capabilities.canList && rotator.capabilities.marksAttempts)
        #expect(
            await rotator.list(context).value == [
                ListedCredential(handle: "1", origin: .another), ListedCredential(handle: "2", origin: .thisAttempt),
            ])
    }

    @Test("Only what the configuration names can be run")
    func unknown() {
        let kind = CommandRotatorKind([:])
        for settings in [[:], ["command": "/bin/sh"]] {
            let error = #expect(throws: RotatorSettingsError.self) { try kind.rotator(settings) }
            #expect(error?.setting == "command")
        }
    }
}
