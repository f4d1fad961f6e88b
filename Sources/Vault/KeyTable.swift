/// The keys by their paths: in parts, so that none of them takes long to grow.
struct KeyTable: Sendable {
    private var parts = [[String: KeyEntry]](repeating: [:], count: 256)
    private(set) var count = 0

    subscript(path: String) -> KeyEntry? { parts[Self.part(of: path)][path] }

    /// - Returns: what stood at the path before.
    @discardableResult
    mutating func set(_ path: String, _ entry: KeyEntry?) -> KeyEntry? {
        let part = Self.part(of: path)
        let before: KeyEntry?
        if let entry {
            before = parts[part].updateValue(entry, forKey: path)
        } else {
            before = parts[part].removeValue(forKey: path)
        }
        count += (entry == nil ? 0 : 1) - (before == nil ? 0 : 1)
        return before
    }

    private static func part(of path: String) -> Int { path.hashValue & 255 }
}
