/// How old what was kept may be, and when it is not to be used although it can be opened. Pure.
package struct KeptAge: Sendable, Equatable {
    /// When the vault last gave or confirmed the values, in milliseconds since 1970.
    package var confirmed: Int64
    /// When the access key that they were fetched with stops being accepted, where that is known.
    package var accessKeyExpires: Int64?
    /// When the first of the values stops being served, where one does.
    package var valuesExpire: Int64?

    package init(confirmed: Int64, accessKeyExpires: Int64? = nil, valuesExpire: Int64? = nil) {
        self.confirmed = confirmed
        self.accessKeyExpires = accessKeyExpires
        self.valuesExpire = valuesExpire
    }

    /// Why the values are not to be used.
    package enum Fault: Equatable, Sendable {
        case tooOld, fromTheFuture, accessKeyExpired, valueExpired
    }

    /// How far a clock may be behind the one before.
    private static let skew: Int64 = 5 * 60_000

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - limit: how old they may be, in milliseconds.
    /// - Returns: nil where they may be used.
    package func fault(now: Int64, limit: Int64) -> Fault? {
        if confirmed > now + Self.skew { return .fromTheFuture }
        if now - confirmed > limit { return .tooOld }
        if let accessKeyExpires, accessKeyExpires <= now { return .accessKeyExpired }
        if let valuesExpire, valuesExpire <= now { return .valueExpired }
        return nil
    }
}
