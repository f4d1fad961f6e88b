import Foundation
import TestThreads
import Testing

/// `scripts/start`, with this build in the place of the release that it would make first.
@Suite(.blocks, .timeLimit(.minutes(20))) struct StartScriptTests {
    private let folder: TemporaryFolder
    private let port: Int
    init() throws {
        folder = try TemporaryFolder()
        port = try freePort()
    }

    /// Starts Keyturn by the script, runs `commands` once it says that it serves, and ends it.
    private func start(_ commands: String, passphrase: Bool = true) throws -> Ended {
        let tools = folder.path + "/tools"
        try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
        let swift = """
            #!/bin/sh
            case "$*" in
            *--version*) echo 'Swift version 6.3 (stand-in)' ;;
            *--show-bin-path*) echo "\(Programs.folder)" ;;
            *) echo 'Build complete!' ;;
            esac
            """
        try swift.write(toFile: tools + "/swift", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tools + "/swift")
        // What the script said the time before is gone before this one begins.
        let script = """
            : >"\(folder.path)/said"
            setpriv --pdeathsig TERM "\(DocumentPage.root.path)/scripts/start" --listen 127.0.0.1:\(port) </dev/null >"\(folder.path)/said" 2>&1 &
            until grep -q 'Keyturn serves' "\(folder.path)/said"; do
                kill -0 $! || { cat "\(folder.path)/said"; exit 99; }
                sleep 0.1
            done
            \(commands)
            kill -TERM $!
            wait $!
            ended=$?
            cat "\(folder.path)/said" >&2
            exit $ended
            """
        var environment = [
            "PATH": "\(tools):\(Programs.folder):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": folder.path + "/home", "KEYTURN_DATA": folder.path + "/home/data", "KEYTURN_AUDIT_PATIENCE": "60s",
        ]
        if passphrase {
            environment["KEYTURN_PASSPHRASE_FILE"] = try folder.write(
                "correct horse battery staple\n", to: "passphrase")
        }
        return try runScript(try folder.write(script, to: "script"), environment: environment)
    }

    @Test("Without anybody to ask, the script serves a vault that is not there yet, and says how to make it")
    func nobody() throws {
        let ended = try start("keyturn status --json", passphrase: false)
        #expect(ended.code == 143)
        #expect(try ended.json()["state"] as? String == "uninitialized")
        #expect(ended.errors.contains("There is no vault yet, and nobody to ask for a passphrase"))
    }

    @Test("The script makes the vault, the policies' folder and the first access key; the next time it unseals")
    func twice() throws {
        let first = try start("keyturn status --json")
        #expect(first.code == 143, "\(first.errors)")
        #expect(try first.json()["state"] as? String == "unsealed")
        #expect(first.errors.contains("Making the vault") && first.errors.contains("keyturn get demo/first"))
        let key = try #require(first.errors.firstMatch(of: /Access key: +(keyturn_[^ \n]+)/)?.1)
        let policies = folder.path + "/home/.config/keyturn/policies"
        #expect(FileManager.default.fileExists(atPath: policies + "/application.yaml"))
        let second = try start(
            """
            export KEYTURN_ACCESS_KEY=\(key)
            printf %s 'a-first-key' | keyturn put demo/first --value-file - >/dev/null
            keyturn get demo/first
            """)
        #expect(second.code == 143, "\(second.errors)")
        #expect(second.output == "a-first-key")
        #expect(second.errors.contains("Unsealing") && !second.errors.contains("Making the vault"))
    }
}
