internal import SecretMemory

/// Reads a log, also while it is being written. Nothing is verified: that is ``AuditVerifier``'s.
package struct AuditReader: Sendable {
    private let folder: any LogFolder
    private let name: String

    /// - Parameter name: stands in errors.
    package init(folder: String, name: String = "file") throws(AuditError) {
        self.name = name
        do throws(FolderFault) {
            self.folder = try SystemLogFolder(folder, owned: false)
        } catch {
            guard case .file(let fault) = error else { throw AuditError(sink: name, .inputOutput) }
            throw AuditError(sink: name, fault.reason)
        }
    }

    /// The entries that `filter` looks for, found by looking at every line.
    package func search(_ filter: AuditFilter) throws(AuditError) -> AuditPage {
        try naming { () throws(FileFault) in
            var search = LogSearch(filter, through: .max, isOver: { false })
            return try search.run(in: folder) { _, _, _, _ in nil }
        }
    }

    /// Calls `body` with each entry from `first` on, the oldest first, until it answers false.
    package func forEach(from first: UInt64 = 1, _ body: (AuditRecord) -> Bool) throws(AuditError) {
        let files = try files()
        let start = files.lastIndex { $0.first <= first } ?? 0
        var isDone = false
        for file in files[min(start, files.count)...] where !isDone {
            try naming { () throws(FileFault) in
                let lines = try lines(file.name)
                try lines.forward(from: try lines.offset(before: first)) { bytes, range throws(FileFault) in
                    guard let record = AuditRecord(bytes, range), record.sequence >= first else { return true }
                    isDone = !body(record)
                    return !isDone
                }
            }
        }
    }

    /// The entry with this sequence, found without reading all of the log; nil where there is none.
    ///
    /// A head that was kept elsewhere is still part of the log if the entry there has its hash.
    package func entry(_ sequence: UInt64) throws(AuditError) -> AuditRecord? {
        var found: AuditRecord?
        try forEach(from: sequence) { record in
            if record.sequence == sequence { found = record }
            return false
        }
        return found
    }

    func files() throws(AuditError) -> [(name: String, first: UInt64)] {
        LogFileName.logFiles(in: try naming { () throws(FileFault) in try folder.names() })
    }

    func lines(_ name: String) throws(FileFault) -> LogLines {
        let file = try folder.open(name, .reading)
        return LogLines(file: file, end: try file.facts().size)
    }

    func naming<R>(_ body: () throws(FileFault) -> R) throws(AuditError) -> R {
        do throws(FileFault) { return try body() } catch { throw AuditError(sink: name, error.reason) }
    }
}
