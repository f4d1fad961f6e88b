import KeyturnClient
import Testing
import VaultAPI

@testable import keyturn

@Suite("Which server a command talks to")
struct AddressChoiceTests {
    private func choose(
        _ role: AddressChoice.Role, address: String? = nil, data: String? = nil, _ environment: [String: String] = [:],
        isRoot: Bool = false, existing: Set<String> = []
    ) throws -> AddressChoice.Choice {
        try AddressChoice.choose(
            role, address: address, data: data, environment: environment, isRoot: isRoot, exists: existing.contains)
    }

    private func choice(_ text: String, _ presents: Bool) throws -> AddressChoice.Choice {
        AddressChoice.Choice(address: try KeyturnAddress(text), presentsAccessKey: presents)
    }

    @Test("Wrong addresses and folders are wrong usage, named and not repeated")
    func wrong() {
        for (address, environment, name) in [
            ("MARKER", [:], "--address"), (nil, ["KEYTURN_ADDRESS": "MARKER"], "KEYTURN_ADDRESS"),
            (nil, ["KEYTURN_DATA": ""], "KEYTURN_DATA"),
        ] as [(String?, [String: String], String)] {
            let failure = #expect(throws: Failure.self) { try choose(.application, address: address, environment) }
            #expect(failure?.exit == .usage)
            #expect(failure?.sentence.hasPrefix(name) == true && failure?.sentence.contains("MARKER") == false)
        }
        #expect(throws: Failure.self) { try choose(.operations) }
        #expect(throws: Failure.self) { try choose(.operations, data: "/" + String(repeating: "a", count: 107)) }
    }

    @Test("An operator's command uses the socket in the data folder, and presents no access key there")
    func operations() throws {
        let both = ["KEYTURN_DATA": "/d", "KEYTURN_ADDRESS": "http://localhost:1"]
        #expect(try choose(.operations, both) == choice("unix:/d/keyturn.sock", false))
        #expect(try choose(.administration, both) == choice("unix:/d/keyturn.sock", true))
        #expect(try choose(.operations, data: "/e/", both) == choice("unix:/e/keyturn.sock", false))
        #expect(try choose(.operations, address: "unix:/x", both) == choice("unix:/x", true))
        #expect(try choose(.operations, ["KEYTURN_ADDRESS": "unix:/y"]) == choice("unix:/y", true))
        let home = ["HOME": "/home/a"]
        #expect(try choose(.operations, home) == choice("unix:/home/a/.local/share/keyturn/keyturn.sock", false))
        let system: Set = ["/var/lib/keyturn"]
        #expect(
            try choose(.operations, home, isRoot: true, existing: system)
                == choice("unix:/var/lib/keyturn/keyturn.sock", false))
        #expect(
            try choose(.operations, home, existing: system)
                == choice("unix:/home/a/.local/share/keyturn/keyturn.sock", false))
    }

    @Test("Others use KEYTURN_ADDRESS first, and the standard port where there is no socket")
    func application() throws {
        let both = ["KEYTURN_DATA": "/d", "KEYTURN_ADDRESS": "http://localhost:1"]
        #expect(try choose(.application, both) == choice("http://localhost:1", true))
        #expect(try choose(.application, data: "/e", both) == choice("unix:/e/keyturn.sock", true))
        #expect(try choose(.application, ["KEYTURN_DATA": "/d"]) == choice("unix:/d/keyturn.sock", true))
        #expect(try choose(.application) == choice("http://127.0.0.1:8200", true))
        #expect(try choose(.application, ["HOME": "/h"]) == choice("http://127.0.0.1:8200", true))
        let socket = "/share/keyturn/keyturn.sock"
        #expect(
            try choose(.application, ["HOME": "/h", "XDG_DATA_HOME": "/share"], existing: [socket])
                == choice("unix:" + socket, true))
    }
}
