import Foundation
import Testing

/// A server that can replace keys at a ``TestProvider``, by the rotators `http` and `command`.
final class RotatingServer: ShiftedServer, @unchecked Sendable {
    private var provider: TestProvider?

    override var arguments: [String] {
        super.arguments + ["--rotator-commands", "local=\(folder.path)/bin/provider"]
    }

    /// A server that is started, initialised and unsealed.
    static func ready(_ provider: TestProvider) throws -> RotatingServer {
        let server = try RotatingServer()
        server.provider = provider
        try server.folder.write(
            server.providerFile(port: provider.port), to: "policies/providers/local.yaml", mode: 0o644)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: server.folder.path + "/policies/providers")
        try server.folder.write(
            String(contentsOfFile: Programs.python("provider_command.py"), encoding: .utf8), to: "bin/provider",
            mode: 0o755)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: server.folder.path + "/bin")
        try server.start()
        try server.initialize()
        return server
    }

    private func providerFile(port: Int) -> String {
        """
        provider: local
        description: The provider of the tests.
        documentation: https://example.com/docs
        host: http://127.0.0.1:\(port)
        allow-private: true
        fields: [id, value]
        handle: id
        create:
          request: POST /keys
          json: '{"name": "{{mark}}"}'
          expect: [201]
          take: {id: /id, value: /value}
        test:
          request: GET /self
          headers: {authorization: "Bearer {{candidate.value}}"}
        list:
          request: GET /keys
          items: /data
          handle: /id
          mark: /name
        retire:
          request: DELETE /keys/{{retired.handle}}
          expect: [204]
          gone: [404]
        """
    }

    /// Stores a key of the provider's, to be replaced when somebody says so.
    func set(up path: String, _ rotator: String, _ key: (id: String, value: String)) throws {
        let port = provider?.port ?? 0
        let id = try folder.write(key.id, to: "id")
        let value = try folder.write(key.value, to: "value")
        let settings = rotator == "http" ? ["provider=local"] : ["command=local", "lists=true", "port=\(port)"]
        let stored = try keyturn(
            [
                "put", path, "--field", "id", "--value-file", id, "--field", "value", "--value-file", value,
                "--rotator", rotator,
            ] + settings.flatMap { ["--rotator-setting", $0] })
        try #require(stored.code == 0, "\(stored.errors)")
    }
}
