internal import Outbound

/// Where one partition of AWS is asked, and which region its requests are signed for.
struct AWSEndpoints: Equatable {
    /// One service's place.
    struct Service: Equatable {
        let name: String
        let origin: Origin
        let region: String
    }

    /// IAM is global in its partition, and signed for one region of it.
    let iam: Service
    /// STS of the region itself.
    let sts: Service

    /// - Parameters:
    ///   - region: as ``isRegion(_:)`` has it.
    ///   - endpoint: where both are asked instead; nil: at AWS.
    /// - Throws: ``OriginError``.
    ///
    /// https://docs.aws.amazon.com/general/latest/gr/iam-service.html
    init(region: String, endpoint: String?) throws(OriginError) {
        let (host, home, domain) =
            if region.hasPrefix("cn-") {
                ("iam.cn-north-1.amazonaws.com.cn", "cn-north-1", "amazonaws.com.cn")
            } else if region.hasPrefix("us-gov-") {
                ("iam.us-gov.amazonaws.com", "us-gov-west-1", "amazonaws.com")
            } else {
                ("iam.amazonaws.com", "us-east-1", "amazonaws.com")
            }
        iam = Service(name: "iam", origin: try Origin(parsing: endpoint ?? "https://\(host)"), region: home)
        sts = Service(
            name: "sts", origin: try Origin(parsing: endpoint ?? "https://sts.\(region).\(domain)"), region: region)
    }

    /// Such as `eu-central-1`: lower-case letters, digits and hyphens, as a label of a host's name has them.
    static func isRegion(_ text: String) -> Bool {
        (2...32).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }
}

extension Origin {
    /// As a `Host` header has it: without the port that goes with the scheme.
    var hostHeader: String {
        guard port == (isEncrypted ? 443 : 80) else { return hostAndPort }
        return host.contains(":") ? "[\(host)]" : host
    }
}
