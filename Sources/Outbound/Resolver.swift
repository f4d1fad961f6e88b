internal import Glibc
internal import NIOPosix

/// Finds the addresses of a host; injected, so that a test can be a hostile name server.
package protocol Resolver: Sendable {
    /// Each 4 or 16 bytes in network byte order, in the order to try them; none where the name has none.
    func addresses(of host: String) async -> [[UInt8]]
}

/// The system's resolver, on a thread that may block.
package struct SystemResolver: Resolver {
    package init() {}

    package func addresses(of host: String) async -> [[UInt8]] {
        if let literal = Self.literal(host) { return [literal] }
        return (try? await NIOThreadPool.singleton.runIfActive { Self.lookUp(host) }) ?? []
    }

    /// The bytes of an address that is written as numbers, in the usual forms alone.
    static func literal(_ host: String) -> [UInt8]? {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, host, &v4) == 1 { return unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) } }
        var v6 = in6_addr()
        if unsafe inet_pton(AF_INET6, host, &v6) == 1 { return unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) } }
        return nil
    }

    /// The usual text of an address of 4 or 16 bytes.
    static func text(_ address: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard unsafe inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func lookUp(_ host: String) -> [[UInt8]] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var found: [[UInt8]] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                switch unsafe entry.pointee.ai_family {
                case AF_INET:
                    var v4 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
                    found.append(unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) })
                case AF_INET6:
                    var v6 = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
                    found.append(unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) })
                default: break
                }
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}
