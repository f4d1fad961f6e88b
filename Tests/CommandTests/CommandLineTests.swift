import ArgumentParser
import Testing
import VaultAPI

@testable import keyturn

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "A command line that cannot be read ends with 2",
        arguments: ["nope", "get", "get a --wat", "put", "slot change x"])
    func wrong(line: String) {
        do {
            _ = try KeyturnCommand.parseAsRoot(line.split(separator: " ").map(String.init))
            Issue.record("\(line) was read")
        } catch {
            #expect(KeyturnCommand.exitCode(for: error) != .success)
        }
    }

    @Test("An argument too many is not repeated, since it may be a secret")
    func surplus() {
        for arguments in [["unseal", "MARKER-1"], ["init", "MARKER-1", "MARKER-2"], ["get", "a", "MARKER-1"]] {
            do {
                _ = try KeyturnCommand.parseAsRoot(arguments)
                Issue.record("\(arguments) was read")
            } catch {
                let complaint = Usage.complaint(KeyturnCommand.fullMessage(for: error))
                #expect(!complaint.contains("MARKER"))
                #expect(complaint.hasPrefix("keyturn: there is an argument too many\n"))
            }
        }
    }

    @Test("A value among the arguments is refused before anything is asked for or sent")
    func valueAsArgument() async throws {
        let command = try PutCommand.parse(["payments/stripe", "MARKER", "--address", "unix:/nonexistent"])
        let failure = await #expect(throws: Failure.self) { try await command.run() }
        #expect(failure?.exit == .usage)
        #expect(failure?.lines.joined().contains("MARKER") == false)
    }

    @Test("Wrong paths, fields, versions and numbers are wrong usage before a connection is made")
    func checks() async throws {
        let lines: [[String]] = [
            ["get", "../x"], ["get", "a//b"], ["get", "/a"], ["get", "a/"], ["get", "a%2fb"], ["get", ""],
            ["get", "a", "--field", "Value"], ["get", "a", "--version", "0"],
            ["get", "a", "--version", "1", "--stage", "previous"], ["show", "a:destroy"], ["delete", "a b"],
            ["destroy", ".hidden", "--yes"], ["list", "--limit", "0"], ["edit", "a"],
            ["edit", "a", "--clear", "name", "--name", "x"], ["edit", "a", "--expires", "soon"],
            ["access", "show", "keyturn_MARKER"], ["access", "create", "x", "--policy", "p", "--expires", "0d"],
            ["unseal", "--slot", "8", "--passphrase-file", "/dev/null"], ["rekey", "--slot", "9"],
            ["rekey", "--slot", "1", "--slot", "1=/f"], ["rekey", "--slot", "1="],
            ["run", "--env", "A=b"], ["run", "--env", "A=b", "--wait", "soon", "--", "true"],
        ]
        for line in lines {
            let parsed = try KeyturnCommand.parseAsRoot(
                line + (line[0] == "run" ? [] : ["--address", "unix:/nonexistent"]))
            var command = try #require(parsed as? any AsyncParsableCommand, "\(line)")
            do {
                try await command.run()
                Issue.record("\(line) ran")
            } catch {
                #expect((error as? Failure)?.exit == .usage, "\(line): \(error)")
                #expect((error as? Failure)?.lines.joined().contains("MARKER") == false)
            }
        }
    }

    @Test("The version of a key is an option of its own")
    func version() throws {
        let command = try #require(try KeyturnCommand.parseAsRoot(["get", "a", "--version", "3"]) as? GetCommand)
        #expect(command.version == 3)
    }

    @Test("Everything behind the two dashes belongs to the program")
    func program() throws {
        let line = ["run", "--env", "A=b", "--", "./shop", "--help", "--env", "B=c", "--"]
        let command = try #require(try KeyturnCommand.parseAsRoot(line) as? RunCommand)
        #expect(command.command == ["./shop", "--help", "--env", "B=c", "--"])
        #expect(command.options.bindings == ["A=b"])
    }

    @Test("Every command explains itself with an example")
    func help() {
        var open: [any ParsableCommand.Type] = KeyturnCommand.configuration.subcommands
        var seen = 0
        while let command = open.popLast() {
            open += command.configuration.subcommands
            seen += 1
            let name = command.configuration.commandName ?? ""
            #expect(!command.configuration.abstract.isEmpty)
            #expect(command.configuration.discussion.contains("keyturn "), "\(name)")
        }
        #expect(seen >= 40)
    }
}
