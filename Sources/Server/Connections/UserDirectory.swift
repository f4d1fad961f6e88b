internal import Glibc

/// Gives users' numbers their names.
package struct UserDirectory: Sendable {
    /// The name of a user, or nil for one who has none.
    package var name: @Sendable (UInt32) -> String?

    package init(name: @escaping @Sendable (UInt32) -> String?) { self.name = name }

    /// The host's own, by `getpwuid_r`.
    package static let system = UserDirectory { user in
        var size = 1024
        while size <= 1 << 20 {
            var entry = unsafe passwd()
            var result: UnsafeMutablePointer<passwd>? = nil
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { unsafe buffer.deallocate() }
            let failure = unsafe getpwuid_r(user, &entry, buffer, size, &result)
            if failure == ERANGE {
                size *= 4
                continue
            }
            guard failure == 0, unsafe result != nil, let text = unsafe entry.pw_name else { return nil }
            return unsafe String(validatingCString: text)
        }
        return nil
    }
}
