internal import CArgon2
internal import CSodium
internal import Glibc
internal import SecretMemory

/// Argon2id, version 1.3 (RFC 9106), by way of libargon2, with working memory of its own that is kept out of core
/// dumps and wiped before it is given back.
enum Argon2 {
    /// Derives `count` bytes from a passphrase.
    ///
    /// - Parameters:
    ///   - secret, associatedData: Argon2's optional inputs, which Keyturn leaves empty.
    /// - Throws: ``SealingError/notEnoughMemory``, ``SealingError/derivationFailed(_:)``, ``SealingError/memory(_:)``.
    static func derive(
        _ passphrase: RawSpan, salt: RawSpan, secret: RawSpan = RawSpan(), associatedData: RawSpan = RawSpan(),
        costs: DerivationCosts, count: Int = 32
    ) throws(SealingError) -> SecretBytes {
        var status = Int32(ARGON2_OK.rawValue)
        let output = try mappingMemoryErrors { () throws(SecretMemoryError) in
            try SecretBytes(count: count) { output in
                status = run(passphrase, salt, secret, associatedData, costs, over: &output)
            }
        }
        // Argon2 hashes the passphrase and expands the result with keys and blocks on the stack.
        sodium_stackzero(65536)
        switch status {
        case ARGON2_OK.rawValue: return output
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue: throw .notEnoughMemory
        default: throw .derivationFailed(status)
        }
    }

    private static func run(
        _ passphrase: RawSpan, _ salt: RawSpan, _ secret: RawSpan, _ associatedData: RawSpan, _ costs: DerivationCosts,
        over output: inout MutableRawSpan
    ) -> Int32 {
        var context = unsafe argon2_context()
        unsafe context.t_cost = costs.iterations
        unsafe context.m_cost = costs.memoryKiB
        unsafe context.lanes = costs.parallelism
        unsafe context.threads = costs.parallelism
        unsafe context.version = UInt32(ARGON2_VERSION_13.rawValue)
        unsafe context.allocate_cbk = allocate
        unsafe context.free_cbk = free
        return unsafe output.withUnsafeMutableBytes { output in
            unsafe passphrase.withUnsafeBytes { passphrase in
                unsafe salt.withUnsafeBytes { salt in
                    unsafe secret.withUnsafeBytes { secret in
                        unsafe associatedData.withUnsafeBytes { associatedData in
                            unsafe context.out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                            unsafe context.outlen = UInt32(output.count)
                            // Read only: without its flags Argon2 does not write to its inputs.
                            unsafe (context.pwd, context.pwdlen) = passphrase.argon2Input
                            unsafe (context.salt, context.saltlen) = salt.argon2Input
                            unsafe (context.secret, context.secretlen) = secret.argon2Input
                            unsafe (context.ad, context.adlen) = associatedData.argon2Input
                            return unsafe argon2_ctx(&context, Argon2_id)
                        }
                    }
                }
            }
        }
    }

    private static let allocate: allocate_fptr = { memory, size in
        let pages = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, let pages = unsafe pages, unsafe pages != MAP_FAILED else { return -1 }
        unsafe madvise(pages, size, MADV_DONTDUMP)
        unsafe madvise(pages, size, MADV_HUGEPAGE)
        unsafe memory.pointee = unsafe pages.assumingMemoryBound(to: UInt8.self)
        return 0
    }

    private static let free: deallocate_fptr = { memory, size in
        guard let memory = unsafe memory else { return }
        unsafe sodium_memzero(memory, size)
        unsafe munmap(memory, size)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var argon2Input: (UnsafeMutablePointer<UInt8>?, UInt32) {
        unsafe (
            UnsafeMutableRawPointer(mutating: baseAddress)?.assumingMemoryBound(to: UInt8.self), UInt32(count)
        )
    }
}
