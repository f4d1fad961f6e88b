extension ProcessProtection: CustomStringConvertible {
    /// What is protected and what is not, a line each, in words for an operator.
    package var report: [String] {
        [
            coreDumpsDenied
                ? "core dumps: off"
                : "core dumps: NOT off; a crash may write keys to a file",
            attachingDenied
                ? "other processes of this user: may not attach to this one or read its memory"
                : "other processes of this user: MAY attach to this one and read its memory",
            keysLine,
            restLine,
        ]
    }

    package var description: String { report.joined(separator: "\n") }

    private var keysLine: String {
        guard canLock else {
            return
                "keys and passphrases: NOT locked in memory; raise the limit on locked memory (ulimit -l, LimitMEMLOCK=)"
        }
        guard let lockLimit else { return "keys and passphrases: locked in memory, without a limit" }
        return "keys and passphrases: locked in memory, up to \(lockLimit / 1024) KiB unless privileged"
    }

    private var restLine: String {
        switch systemSwaps {
        case false?:
            "values on their way out and the work of deriving a key: not locked; this system has no swap space"
        case true?:
            "values on their way out and the work of deriving a key: not locked; this system HAS swap space, encrypt it"
        case nil:
            "values on their way out and the work of deriving a key: not locked; whether there is swap space is unknown"
        }
    }
}
