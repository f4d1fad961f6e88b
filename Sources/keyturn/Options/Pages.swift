/// Fetches a list page by page.
enum Pages {
    /// The most entries of one page.
    static let size = 1000

    /// - Parameters:
    ///   - limit: how many entries are wanted; all where nil.
    ///   - fetch: gives a page of at most so many, after a cursor, and the cursor of the next.
    static func collect<Element>(
        _ limit: Int?, _ fetch: (Int, String?) async throws -> ([Element], String?)
    ) async throws -> [Element] {
        var all: [Element] = []
        var cursor: String?
        repeat {
            let wanted = min(size, (limit ?? .max) - all.count)
            let (page, next) = try await fetch(wanted, cursor)
            all += page.prefix(wanted)
            // A server that gives the same cursor again would keep us here for ever.
            guard next != cursor else { break }
            cursor = next
        } while cursor != nil && all.count < limit ?? .max
        return all
    }
}
