internal import CPostgres
internal import Glibc
internal import SecretMemory

/// Where a PostgreSQL server is, and how it is to be trusted.
struct PostgresServer: Sendable, Equatable {
    /// A name, an address, or the absolute path of a folder with a socket.
    var host: String
    var port: Int
    var database: String
    /// One of libpq's `sslmode`s.
    var tls: String
    /// A PEM file of certificates to trust; nil for libpq's own default.
    var authorities: String?
}

/// Why a session failed, as far as anybody may know.
enum PostgresFault: Error, Equatable, Sendable {
    /// No connection; nothing was asked.
    case unreachable
    case tlsFailed
    /// Not in time; what was asked may have happened.
    case timedOut(asked: Bool)
    /// The connection broke after something was asked.
    case broken
    /// The server's answer, as five characters of SQLSTATE.
    case state(String, asked: Bool)
}

/// One connection to a PostgreSQL server, for one thread that may wait. Closed when it goes.
///
/// Names and values are quoted by libpq alone. Of the server's messages only the SQLSTATE is looked at: their text can
/// quote what was sent.
@safe final class PostgresSession {
    private let connection: OpaquePointer
    private let deadline: ContinuousClock.Instant

    /// Signs in.
    ///
    /// - Parameter milliseconds: for all of the session.
    init(
        _ server: PostgresServer, user: String, password: WipedBytes, milliseconds: Int64
    ) throws(PostgresFault) {
        deadline = .now + .milliseconds(milliseconds)
        let words =
            [
                ("host", server.host), ("port", "\(server.port)"), ("dbname", server.database), ("user", user),
                ("password", password.disclosedText() ?? ""), ("sslmode", server.tls), ("passfile", "/dev/null"),
                ("gssencmode", "disable"), ("client_encoding", "UTF8"), ("application_name", "keyturn"),
                ("connect_timeout", "\(max(2, milliseconds / 1_000))"),
                ("options", "-c statement_timeout=\(milliseconds)"),
            ] + (server.authorities.map { [("sslrootcert", $0)] } ?? [])
        var names = unsafe words.map { unsafe UnsafePointer(strdup($0.0)) } + [nil]
        var values = unsafe words.map { unsafe UnsafePointer(strdup($0.1)) } + [nil]
        defer {
            for index in words.indices {
                unsafe free(UnsafeMutableRawPointer(mutating: names[index]))
                if let value = unsafe values[index] {
                    unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: value), strlen(value))
                }
                unsafe free(UnsafeMutableRawPointer(mutating: values[index]))
            }
        }
        // The last argument: a database's name is a name, never a string of further settings.
        guard let connection = unsafe PQconnectStartParams(&names, &values, 0) else { throw .unreachable }
        unsafe self.connection = unsafe connection
        _ = unsafe PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        try connect()
    }

    deinit { unsafe PQfinish(connection) }

    private func connect() throws(PostgresFault) {
        var phase = unsafe PQstatus(connection)
        guard phase != CONNECTION_BAD else { throw .unreachable }
        var writing = true
        while true {
            guard try wait(writing: writing, asked: false) else { throw .timedOut(asked: false) }
            let step = unsafe PQconnectPoll(connection)
            switch step {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: writing = false
            case PGRES_POLLING_WRITING: writing = true
            default: throw fault(afterPhase: phase)
            }
            phase = unsafe PQstatus(connection)
        }
    }

    private func fault(afterPhase phase: ConnStatusType) -> PostgresFault {
        if let state = unsafe PQerrorMessage(connection).flatMap({ unsafe Self.state(in: String(cString: $0)) }) {
            return .state(state, asked: false)
        }
        return phase == CONNECTION_SSL_STARTUP ? .tlsFailed : .unreachable
    }

    /// The SQLSTATE of a message that holds a severity and it alone.
    static func state(in message: String) -> String? {
        message.split(whereSeparator: { $0 == " " || $0 == "\n" }).last { word in
            word.utf8.count == 5
                && word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
                && word.utf8.contains { (48...57).contains($0) }
        }.map(String.init)
    }

    /// Sets the password of `role` to what `password` is a verifier of; nil: to none.
    ///
    /// What travels is a SCRAM-SHA-256 verifier (RFC 7677), made here: the password is in no statement, and so in no log.
    func setPassword(of role: String, to password: WipedBytes?) throws(PostgresFault) {
        guard let quotedRole = unsafe PQescapeIdentifier(connection, role, role.utf8.count) else {
            throw .state("22021", asked: false)
        }
        defer { unsafe PQfreemem(quotedRole) }
        var statement = "ALTER ROLE \(unsafe String(cString: quotedRole)) PASSWORD "
        if let password {
            guard
                let verifier = unsafe PQencryptPasswordConn(
                    connection, password.disclosedText() ?? "", role, "scram-sha-256")
            else { throw .state("22021", asked: false) }
            defer { unsafe PQfreemem(verifier) }
            guard let literal = unsafe PQescapeLiteral(connection, verifier, strlen(verifier)) else {
                throw .state("22021", asked: false)
            }
            defer { unsafe PQfreemem(literal) }
            statement += unsafe String(cString: literal)
        } else {
            statement += "NULL"
        }
        try run(statement)
    }

    /// Runs one statement that gives no rows, or whose rows do not matter.
    func run(_ statement: String) throws(PostgresFault) {
        guard unsafe PQsendQuery(connection, statement) == 1 else { throw .broken }
        var failure: PostgresFault?
        while true {
            while unsafe PQisBusy(connection) == 1 {
                guard try wait(writing: false, asked: true) else { throw .timedOut(asked: true) }
                guard unsafe PQconsumeInput(connection) == 1 else { throw .broken }
            }
            guard let result = unsafe PQgetResult(connection) else { break }
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
            default:
                let field = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C")))
                failure = unsafe field.map { unsafe .state(String(cString: $0), asked: true) } ?? .broken
            }
        }
        if let failure { throw failure }
    }

    /// - Returns: whether the socket was ready before the deadline.
    private func wait(writing: Bool, asked: Bool) throws(PostgresFault) -> Bool {
        let file = unsafe PQsocket(connection)
        guard file >= 0 else {
            if asked { throw .broken }
            throw .unreachable
        }
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return false }
            var entry = pollfd(fd: file, events: Int16(writing ? POLLOUT : POLLIN), revents: 0)
            let ready = unsafe poll(&entry, 1, Int32(clamping: milliseconds))
            if ready > 0 { return true }
            if ready < 0, errno != EINTR { return false }
        }
    }
}
