/// What the address of a list may ask for. What it cannot ask for is told on the page, so that nobody takes a list for
/// a part that was chosen while it is all of it.
struct FilterWords {
    /// The filters, in the order in which they are told.
    var filters: [String]
    /// What addresses have besides, which links write and not people: where a page begins.
    var beside = ["cursor"]
    /// The words that a filter takes, for those that do not take all.
    var words: [(filter: String, known: [String])] = []

    /// As many of those that are not known are told.
    private static let most = 5

    /// For the partial `unknown`: a line for each kind of thing that is not known; `false` where there is none.
    ///
    /// - Parameters:
    ///   - query: what the address says.
    ///   - given: what it says of filters that take several words.
    ///   - more: further lines.
    func unknown(in query: FormFields, given: [String: [String]] = [:], more: [String] = []) -> Any {
        var lines: [String] = []
        var strange: [String] = []
        for name in query.names where !name.isEmpty && !filters.contains(name) && !beside.contains(name) {
            if !strange.contains(name) { strange.append(name) }
        }
        if !strange.isEmpty { lines.append(Self.line("filter", strange, filters)) }
        for (filter, known) in words {
            let wrong = (given[filter] ?? query.text(filter).map { [$0] } ?? []).filter { !known.contains($0) }
            if !wrong.isEmpty { lines.append(Self.line(filter, wrong, known)) }
        }
        lines += more
        if lines.isEmpty { return false }
        return ["lines": lines] as View
    }

    private static func line(_ what: String, _ strange: [String], _ known: [String]) -> String {
        var named = strange.prefix(most).map { plain(KeyList.cut($0, 40)) }.joined(separator: ", ")
        if strange.count > most { named += " and \(strange.count - most) more" }
        let exist = known.isEmpty ? "This list has none." : "These exist: \(known.joined(separator: ", "))."
        return "No such \(what): \(named). \(exist)"
    }

    /// Without what would turn the text around it: whoever wrote the address may be anybody.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 ? $0 : "?" }))
    }
}
