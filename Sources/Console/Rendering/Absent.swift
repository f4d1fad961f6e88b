extension Optional {
    /// For a view: what is absent is `false`, which leaves its section out and is not looked for further out.
    var shown: Any { map { $0 as Any } ?? false }
}

extension String {
    /// For a view: an empty text is left out.
    var shown: Any { isEmpty ? false : self as Any }
}

extension Moment {
    /// For a view: a moment that may be absent.
    static func shown(_ milliseconds: Int64?) -> Any { milliseconds.map { view($0) }.shown }
}
