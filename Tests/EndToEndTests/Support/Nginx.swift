import Foundation
import Glibc

/// A real nginx in a folder of its own, beside whatever the system runs: it asks Keyturn about each request for a file.
final class Nginx: @unchecked Sendable {
    static let program = "/usr/sbin/nginx"

    /// How nginx shows Keyturn who it is.
    enum Identity {
        /// An access key, over TCP.
        case accessKey(String)
        /// The user that it runs as, on the applications' socket.
        case unixUser(String)
    }

    let folder: TemporaryFolder
    let port: Int
    private let process = Process()

    /// Starts it and waits until it answers.
    init(asking server: TestServer, as identity: Identity, scope: String = "orders:read") throws {
        folder = try TemporaryFolder()
        port = try freePort()
        try folder.write("today's orders\n", to: "files/orders", mode: 0o644)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.path + "/files")
        let file = try folder.write(
            Self.configuration(port: port, folder: folder.path, server: server, identity: identity, scope: scope),
            to: "nginx.conf")
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-p", folder.path, "-c", file, "-e", folder.path + "/error.log", "-g", "daemon off;"]
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try waitUntil("nginx answers") {
            guard process.isRunning else { throw TestFailure("nginx ended: \(errorLog)") }
            return (try? get("/nothing"))?.status == 404
        }
    }

    deinit {
        // Its workers end with it.
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
    }

    var errorLog: String { (try? String(contentsOfFile: folder.path + "/error.log", encoding: .utf8)) ?? "" }

    /// Asks for a file, as a customer would.
    func get(_ path: String = "/orders", key: String? = nil, headers: [String] = []) throws -> RawReply {
        var lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        if let key { lines.append("Authorization: Bearer \(key)") }
        return try sendRaw(Data(((lines + headers).joined(separator: "\r\n") + "\r\n\r\n").utf8), to: port)
    }

    private static func configuration(
        port: Int, folder: String, server: TestServer, identity: Identity, scope: String
    ) -> String {
        var user = "root"
        var credential = ""
        var place = "http://127.0.0.1:\(server.port)"
        switch identity {
        case .accessKey(let key): credential = "proxy_set_header Authorization \"Bearer \(key)\";"
        case .unixUser(let name):
            user = name
            place = "http://unix:\(server.socket):"
        }
        return """
            user \(user);
            worker_processes 1;
            pid nginx.pid;
            events {}
            http {
              access_log off;
              client_body_temp_path temp-body;
              proxy_temp_path temp-proxy;
              fastcgi_temp_path temp-fastcgi;
              uwsgi_temp_path temp-uwsgi;
              scgi_temp_path temp-scgi;
              map $http_authorization $presented {
                default $http_authorization;
                ""      $http_x_api_key;
              }
              server {
                listen 127.0.0.1:\(port);
                root \(folder)/files;
                location = /nothing { return 404; }
                location / {
                  auth_request /keyturn;
                  auth_request_set $code $upstream_http_keyturn_code;
                  auth_request_set $owner $upstream_http_keyturn_owner;
                  auth_request_set $retry $upstream_http_retry_after;
                  error_page 401 403 500 = @refused;
                  add_header Customer $owner;
                }
                location = /keyturn {
                  internal;
                  proxy_pass \(place)/v1/verify?issuer=shop&limited=403;
                  proxy_pass_request_headers off;
                  proxy_pass_request_body off;
                  proxy_set_header Content-Length "";
                  proxy_set_header Host 127.0.0.1:\(server.port);
                  \(credential)
                  proxy_set_header Keyturn-Key $presented;
                  proxy_set_header Keyturn-Network $remote_addr;
                  proxy_set_header Keyturn-Scope \(scope);
                }
                location @refused {
                  add_header Retry-After $retry always;
                  if ($code = "") { return 503; }
                  if ($code ~ "^(RATE_LIMITED|QUOTA_EXCEEDED)$") { return 429; }
                  if ($code ~ "_DENIED$") { return 403; }
                  return 401;
                }
              }
            }
            """
    }
}
