internal import Outbound
internal import Rotation
internal import SecretMemory

/// One try to tell one receiver.
enum NoticeDelivery {
    enum Ending: Equatable {
        case taken
        /// The receiver wants nothing any more.
        case unwanted(RotationFault)
        /// - after: milliseconds that the receiver asked for.
        case failed(RotationFault, after: Int64?)
    }

    /// Bytes that a program may write; what it writes is not looked at.
    private static let mostOutput = 64 << 10
    private static let programTime: Int64 = 10_000

    static func attempt(
        _ body: [UInt8], id: String, to way: NoticeReceiver.Way, at now: Int64, _ sender: HTTPSender
    ) async -> Ending {
        switch way {
        case .webhook(let webhook): await post(body, id, webhook, now, sender)
        case .command(let program): await run(program, body)
        }
    }

    private static func run(_ program: OwnedProgram, _ body: [UInt8]) async -> Ending {
        let input = WipedBytes(utf8: String(decoding: body, as: UTF8.self) + "\n")
        return switch await program.run(input, milliseconds: programTime, most: mostOutput) {
        case .ended(0, _): .taken
        case .ended, .notStarted: .failed(.commandFailed, after: nil)
        case .timedOut: .failed(.timedOut, after: nil)
        case .wroteTooMuch: .failed(.tooLarge, after: nil)
        }
    }

    private static func post(
        _ body: [UInt8], _ id: String, _ webhook: Webhook, _ now: Int64, _ sender: HTTPSender
    ) async -> Ending {
        guard let secret = await webhook.secret(), secret.count >= Webhook.leastSecret else {
            return .failed(.missingField, after: nil)
        }
        let headers = [
            (name: "content-type", value: "application/json"), (name: "keyturn-notice", value: id),
            (name: NoticeSignature.header, value: NoticeSignature.text(body, secret: secret, at: now)),
        ]
        let request = OutboundRequest(.post, webhook.origin, webhook.target, headers: headers, body: body)
        do throws(OutboundFailure) {
            let reply = try await sender.send(request, webhook.limits)
            return ending(reply)
        } catch {
            return .failed(fault(of: error), after: nil)
        }
    }

    private static func ending(_ reply: OutboundReply) -> Ending {
        switch reply.status {
        case 200..<300: .taken
        case 410: .unwanted(.notFound)
        case 429: .failed(.rateLimited, after: reply.retryAfter)
        case 300..<400: .failed(.redirected, after: nil)
        case 401: .failed(.unauthorized, after: nil)
        case 403: .failed(.forbidden, after: nil)
        case 404: .failed(.notFound, after: nil)
        case 500...: .failed(.serverError, after: reply.retryAfter)
        default: .failed(.refused, after: nil)
        }
    }

    private static func fault(of failure: OutboundFailure) -> RotationFault {
        switch failure.reason {
        case .unreachable: .unreachable
        case .timedOut: .timedOut
        case .tlsFailed: .tlsFailed
        case .hostRefused: .hostRefused
        case .replyTooLarge: .tooLarge
        case .broken, .cancelled: .interrupted
        case .authoritiesUnreadable: .invalidSettings
        }
    }
}
