internal import Glibc

extension FileFault {
    /// The reason that an operator is told.
    var reason: AuditError.Reason {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .full
        case EROFS, EACCES, EPERM, ETXTBSY: .readOnly
        case ENOENT, ENOTDIR: .missing
        case EEXIST, ELOOP, EFTYPE, EISDIR, ENXIO: .replaced
        default: .inputOutput
        }
    }
}

/// Runs `body`, and names its failure as an operator is told it.
func naming<R>(_ body: () throws(FileFault) -> R) throws(AuditError.Reason) -> R {
    do throws(FileFault) { return try body() } catch { throw error.reason }
}
