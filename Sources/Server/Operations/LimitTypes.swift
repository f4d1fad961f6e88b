internal import IssuedKeys

// The limiter and the wire have types of the same names. This name is the limiter's.

typealias EngineQuotaRefill = QuotaRefill
