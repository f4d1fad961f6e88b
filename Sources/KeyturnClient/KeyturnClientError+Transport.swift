internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

extension KeyturnClientError {
    /// What a failure of the transport means for a caller. The texts are ours: those of the libraries may quote input.
    init(transport error: any Error, to address: KeyturnAddress) {
        switch error {
        case let error as KeyturnClientError:
            self = error
        case let error as IOError:
            self = Self.systemError(error.errnoCode, address)
        case let error as NIOConnectionError:
            let first = error.connectionErrors.first?.error as? IOError
            self = Self.systemError(first?.errnoCode ?? 0, address)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self = Self.encryption(address)
        case let error as HTTPClientError:
            self = Self.clientError(error, address)
        case is CancellationError:
            self.init(.interrupted, "the request was cancelled")
        default:
            self.init(.unreachable, "the connection to \(address) failed")
        }
    }

    private static func encryption(_ address: KeyturnAddress) -> KeyturnClientError {
        KeyturnClientError(
            .unreachable, "no encrypted connection to \(address): its certificate is not trusted, or it speaks no TLS")
    }

    private static func clientError(_ error: HTTPClientError, _ address: KeyturnAddress) -> KeyturnClientError {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            KeyturnClientError(.timedOut, "\(address) did not answer in time")
        case .connectTimeout, .getConnectionFromPoolTimeout:
            KeyturnClientError(.unreachable, "no connection to \(address) within the time that it may take")
        case .remoteConnectionClosed:
            broken(address)
        case .tlsHandshakeTimeout:
            encryption(address)
        default:
            KeyturnClientError(.unreachable, "the connection to \(address) failed: \(error.shortDescription)")
        }
    }

    private static func broken(_ address: KeyturnAddress) -> KeyturnClientError {
        KeyturnClientError(.interrupted, "the connection to \(address) broke before the reply was complete")
    }

    private static func systemError(_ number: CInt, _ address: KeyturnAddress) -> KeyturnClientError {
        let reason: String
        switch number {
        case ECONNREFUSED: reason = "nothing listens there"
        case ENOENT: reason = "there is no such socket"
        case EACCES, EPERM: reason = "this user may not open it"
        case ECONNRESET, EPIPE: return broken(address)
        case 0: reason = "the name has no address, or none of its addresses answers"
        default: reason = "system error \(number)"
        }
        return KeyturnClientError(.unreachable, "no server answers at \(address): \(reason)")
    }
}
