internal import Outbound
internal import SecretMemory

/// Signs a request to AWS: Signature Version 4, with the parameters in the body or in a query that is in canonical form.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
struct SignatureV4 {
    let accessKeyID: String
    let secret: WipedBytes
    let region: String
    let service: String

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The value of `Authorization`.
    ///
    /// - Parameters:
    ///   - path: percent-encoded, normalised.
    ///   - query: percent-encoded, sorted by name; empty where there is none.
    ///   - headers: names in lower case, `host` and `x-amz-date` among them; all of them are signed.
    ///   - moment: what `x-amz-date` says, as ``moment(_:)`` spells it.
    func authorization(
        _ method: String, path: String, query: String = "", headers: [(name: String, value: String)], body: [UInt8],
        at moment: String
    ) -> String {
        let request = Self.canonicalRequest(method, path, query, headers, body)
        let signature = signature(of: stringToSign(request, at: moment), at: moment)
        let names = Self.sorted(headers).map(\.name).joined(separator: ";")
        return "\(Self.algorithm) Credential=\(accessKeyID)/\(scope(moment)), SignedHeaders=\(names), "
            + "Signature=\(signature)"
    }

    static func canonicalRequest(
        _ method: String, _ path: String, _ query: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) -> String {
        let headers = sorted(headers)
        return [
            method, path, query, headers.map { "\($0.name):\($0.value)\n" }.joined(),
            headers.map(\.name).joined(separator: ";"), SHA256.hexadecimal(SHA256.digest(body)),
        ].joined(separator: "\n")
    }

    func stringToSign(_ request: String, at moment: String) -> String {
        [Self.algorithm, moment, scope(moment), SHA256.hexadecimal(SHA256.digest(Array(request.utf8)))]
            .joined(separator: "\n")
    }

    /// 64 hexadecimal digits. Every key on the way is wiped.
    func signature(of text: String, at moment: String) -> String {
        let code = SHA256.code(Array(text.utf8), key: signingKey(day: String(moment.prefix(8))))
        return SHA256.hexadecimal(code.withBytes { $0.array })
    }

    /// The key of one day, region and service.
    func signingKey(day: String) -> WipedBytes {
        let lead = Array("AWS4".utf8)
        let first = WipedBytes(count: lead.count + secret.count) { (span: inout MutableRawSpan) in
            lead.withUnsafeRawSpan { span.copy($0, to: 0) }
            secret.withBytes { span.copy($0, to: lead.count) }
        }
        return [day, region, service, "aws4_request"].reduce(first) { SHA256.code(Array($1.utf8), key: $0) }
    }

    private func scope(_ moment: String) -> String { "\(moment.prefix(8))/\(region)/\(service)/aws4_request" }

    private static func sorted(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] { headers.sorted { $0.name < $1.name } }

    /// Milliseconds since 1970 as `20150830T123600Z`.
    static func moment(_ milliseconds: Int64) -> String {
        let seconds = max(milliseconds, 0) / 1_000
        let (year, month, day) = DayText.civil(seconds / 86_400)
        let ofDay = seconds % 86_400
        let date = DayText.digits(year, 4) + DayText.digits(month, 2) + DayText.digits(day, 2)
        let time =
            DayText.digits(ofDay / 3_600, 2) + DayText.digits(ofDay / 60 % 60, 2) + DayText.digits(ofDay % 60, 2)
        return "\(date)T\(time)Z"
    }
}
