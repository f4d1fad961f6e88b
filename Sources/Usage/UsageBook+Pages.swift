/// A book as bytes. Page 0 says which lines of the audit log are counted; the others, 1 to 256, hold subjects, each
/// always the same ones, so that only pages that changed are written.
///
/// All numbers are varints. Page 0: the version, 1; how many lines are counted ahead, and each of them. Any other: the
/// version; the codes, each a text; how many subjects, and each of them: kind, id, label, last use; how
/// many readers, each with kind, id, name, last and count; hours and days, each as how many numbers, each as the slot
/// less the one before it, the class, the code's place in the page's list and the count.
extension UsageBook {
    private static let version: UInt64 = 1
    /// The longest id, name or label in bytes. Longer ones are not written.
    private static let longest = 1_024

    /// A page to be stored.
    package struct Page: Sendable {
        package var number: Int
        package var bytes: [UInt8]
    }

    /// What has changed since the last call, as it is at one moment; cheap, and written out by ``Changes/written()``
    /// outside of any lock.
    package struct Changes: Sendable {
        fileprivate var pages: [(number: Int, subjects: [UsageSubject: UsageRecord])]
        package var lines: CountedLines
        fileprivate var codes: CodeTable

        /// Whether there are no pages of subjects among them.
        package var isEmpty: Bool { pages.isEmpty }
        /// The numbers of those pages.
        package var numbers: [Int] { pages.map(\.number) }

        /// Page 0, and each that has changed.
        package func written() -> [Page] {
            var first = VarintWriter()
            first.put(UsageBook.version)
            first.put(lines.ahead.count)
            for line in lines.ahead { first.put(line - lines.upTo) }
            return [Page(number: 0, bytes: first.bytes)]
                + pages.map { Page(number: $0.number, bytes: UsageBook.encode($0.subjects, codes)) }
        }
    }

    /// What is to be stored now.
    ///
    /// - Parameter all: every page that is not empty, changed or not.
    package mutating func takeChanges(all: Bool = false) -> Changes {
        var changed: [(number: Int, subjects: [UsageSubject: UsageRecord])] = []
        for page in pages.indices where dirty[page] || all && !pages[page].isEmpty {
            changed.append((page + 1, pages[page]))
            dirty[page] = false
        }
        return Changes(pages: changed, lines: lines, codes: codes)
    }

    /// Takes pages for changed that could not be stored.
    package mutating func takeBack(_ numbers: [Int]) {
        for number in numbers where (1...pages.count).contains(number) { dirty[number - 1] = true }
    }

    /// Reads page 0.
    ///
    /// - Parameter upTo: the line that it was stored with.
    /// - Returns: nil where it is none; then lines after `upTo` may have been counted.
    package static func lines(_ bytes: [UInt8], upTo: UInt64) -> CountedLines? {
        var reader = VarintReader(bytes)
        do throws(NoPage) {
            guard try reader.number() == version else { return nil }
            var ahead: [UInt64] = []
            for _ in 0..<(try reader.number(upTo: CountedLines.most)) {
                let (line, overflow) = upTo.addingReportingOverflow(try reader.number())
                guard !overflow else { return nil }
                ahead.append(line)
            }
            guard reader.isAtEnd else { return nil }
            return CountedLines(upTo: upTo, ahead: ahead)
        } catch {
            return nil
        }
    }

    /// Adds what stands on a page of subjects.
    ///
    /// - Returns: false where it is no such page; then nothing of it is added.
    package mutating func load(_ bytes: [UInt8]) -> Bool {
        var next = codes
        guard let found = try? Self.decode(bytes, &next) else { return false }
        codes = next
        for (subject, record) in found {
            let isKnown = self.record(subject) != nil
            let hasRoom = isKnown || subjectCounts[Int(subject.kind.rawValue)] < limits.most(subject.kind)
            let place = hasRoom || subject.id.isEmpty ? subject : .other(subject.kind)
            let wasDirty = dirty[place.page - 1]
            merge(record, into: place)
            if !isKnown { adopt(record.readers, in: place) }
            dirty[place.page - 1] = wasDirty
        }
        return true
    }

    private mutating func adopt(_ readers: [UsageRecord.Reader], in subject: UsageSubject) {
        guard let place = pages[subject.page - 1].index(forKey: subject), subject.kind == .key, !subject.id.isEmpty
        else { return }
        pages[subject.page - 1].values[place].readers = Array(readers.prefix(limits.readers))
    }

    // MARK: Bytes

    private static func encode(_ subjects: [UsageSubject: UsageRecord], _ codes: CodeTable) -> [UInt8] {
        var writer = VarintWriter()
        writer.put(version)
        writer.put(codes.names.count - 1)
        for name in codes.names.dropFirst() { writer.put(name) }
        let written = subjects.filter { $0.key.id.utf8.count <= longest && $0.value.label.utf8.count <= longest }
        writer.put(written.count)
        for (subject, record) in written {
            put(subject, to: &writer)
            writer.put(record.label)
            writer.put(record.last)
            let readers = record.readers.filter { $0.name.utf8.count <= longest }
            writer.put(readers.count)
            for reader in readers {
                put(reader.caller, to: &writer)
                writer.put(reader.name)
                writer.put(reader.last)
                writer.put(reader.count)
            }
            put(record.hours, to: &writer)
            put(record.days, to: &writer)
        }
        return writer.bytes
    }

    private static func put(_ subject: UsageSubject, to writer: inout VarintWriter) {
        writer.put(subject.kind.rawValue)
        writer.put(subject.id)
    }

    private static func put(_ cells: Cells, to writer: inout VarintWriter) {
        writer.put(cells.count)
        var before: UInt32 = 0
        for cell in cells.cells {
            writer.put(cell.slot - before)
            writer.put(cell.tally.class.rawValue)
            writer.put(cell.tally.code)
            writer.put(cell.count)
            before = cell.slot
        }
    }

    private static func decode(
        _ bytes: [UInt8], _ codes: inout CodeTable
    ) throws(NoPage) -> [(UsageSubject, UsageRecord)] {
        var reader = VarintReader(bytes)
        guard try reader.number() == version else { throw NoPage() }
        var numbers: [UInt8] = [0]
        for _ in 0..<(try reader.number(upTo: 254)) { numbers.append(codes.number(try reader.text(CodeTable.longest))) }
        var found: [(UsageSubject, UsageRecord)] = []
        for _ in 0..<(try reader.number(upTo: 1 << 24)) {
            let subject = try subject(&reader)
            var record = UsageRecord()
            record.label = try reader.text(longest)
            record.last = try reader.number()
            for _ in 0..<(try reader.number(upTo: 1_024)) {
                let caller = try self.subject(&reader)
                record.readers.append(
                    UsageRecord.Reader(
                        caller: caller, name: try reader.text(longest), last: try reader.number(),
                        count: try reader.number()))
            }
            record.hours = try cells(&reader, numbers)
            record.days = try cells(&reader, numbers)
            found.append((subject, record))
        }
        guard reader.isAtEnd else { throw NoPage() }
        return found
    }

    private static func subject(_ reader: inout VarintReader) throws(NoPage) -> UsageSubject {
        guard let kind = UsageSubject.Kind(rawValue: try reader.number()) else { throw NoPage() }
        return UsageSubject(kind, try reader.text(longest))
    }

    private static func cells(_ reader: inout VarintReader, _ codes: [UInt8]) throws(NoPage) -> Cells {
        var cells = Cells()
        var slot: UInt32 = 0
        for _ in 0..<(try reader.number(upTo: 1 << 20)) {
            let (next, overflow) = slot.addingReportingOverflow(try reader.number())
            guard !overflow, let kind = Tally.Class(rawValue: try reader.number()) else { throw NoPage() }
            let code: Int = try reader.number(upTo: codes.count - 1)
            _ = cells.add(
                Tally(class: kind, code: codes[code]), slot: next, count: try reader.number(), codes: .max)
            slot = next
        }
        return cells
    }
}
