/// How a file sink behaves.
package struct AuditSettings: Sendable {
    /// The sink's name in errors and metrics.
    package var name = "file"
    /// A file is followed by a new one before it grows over this many bytes, unless one batch alone does.
    package var fileBytes: Int64 = 256 << 20
    /// A file is followed by a new one once its first entry is this old, in milliseconds.
    package var fileAge: Int64 = 7 * 86_400_000
    /// Bytes set aside for a full disk; 0 for none.
    package var reserveBytes: Int64 = 1 << 20
    /// After how many milliseconds an entry that is not written, or not synced if that was asked, is refused.
    package var patience: Int64 = 2000
    /// At the latest after how many milliseconds a sync begins once something was written.
    package var syncInterval: Int64 = 500
    /// How many entries may wait.
    package var mostWaiting = 65_536

    package init() {}
}
