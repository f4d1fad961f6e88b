internal import Foundation

/// A moto server of the test's own on a free port of loopback, with one IAM user, who has one access key and may manage
/// access keys. Every request is held to its signature and to the user's policies.
///
/// It needs what `scripts/test` puts into `.build/test-python`.
package final class TestMoto {
    package struct Beginning: Decodable {
        package let port: Int
        package let id: String
        package let secret: String
    }

    package let beginning: Beginning
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    private static let folder =
        ProcessInfo.processInfo.environment["KEYTURN_TEST_PYTHON"]
        ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".build/test-python").path()

    /// Ends when its standard input does, and so never outlives the test. Each line that it reads is a user's name, and
    /// is answered with that user's access keys.
    private static let program = """
        import json, logging, sys
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        import boto3, moto.settings
        from moto.core.responses import ActionAuthenticatorMixin
        from moto.iam import iam_backends
        from moto.server import ThreadedMotoServer
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        port = server.get_host_and_port()[1]
        iam = boto3.client("iam", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                           aws_access_key_id="none", aws_secret_access_key="none")
        iam.create_user(UserName="app", Path="/teams/payments/")
        actions = ["Create", "List", "Update", "Delete"]
        statement = {"Effect": "Allow", "Resource": "*",
                     "Action": [f"iam:{a}AccessKey{'s' if a == 'List' else ''}" for a in actions]}
        iam.put_user_policy(UserName="app", PolicyName="rotation", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement]}))
        iam.create_user(UserName="nobody")
        key = iam.create_access_key(UserName="app")["AccessKey"]
        weak = iam.create_access_key(UserName="nobody")["AccessKey"]
        moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0
        ActionAuthenticatorMixin.request_count = 0
        print(json.dumps({"port": port, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
        for line in sys.stdin:
            user = iam_backends["123456789012"]["aws"].get_user(line.strip())
            print(json.dumps({k.access_key_id: k.status for k in user.access_keys}), flush=True)
        """

    package init() throws {
        guard FileManager.default.fileExists(atPath: Self.folder + "/moto") else {
            throw Missing(description: "no moto in \(Self.folder): run scripts/test once, which fetches it")
        }
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.program]
        process.environment = ["PYTHONPATH": Self.folder, "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"]
        process.currentDirectoryURL = URL(filePath: "/")
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        beginning = try JSONDecoder().decode(Beginning.self, from: Self.line(of: output))
    }

    package var endpoint: String { "http://127.0.0.1:\(beginning.port)" }

    /// The access keys of a user by id, each with its status.
    package func keys(of user: String = "app") throws -> [String: String] {
        try input.fileHandleForWriting.write(contentsOf: Data("\(user)\n".utf8))
        return try JSONDecoder().decode([String: String].self, from: Self.line(of: output))
    }

    package func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private static func line(of pipe: Pipe) throws -> Data {
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), byte.first != UInt8(ascii: "\n") {
            line += byte
        }
        return line
    }
}
