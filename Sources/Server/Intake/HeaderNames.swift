extension Collection where Element == UInt8 {
    /// Whether these are the bytes of `text`, which is in ASCII, letters of both cases being one.
    func matches(_ text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        var place = startIndex
        for byte in text.utf8 {
            let other = self[place]
            // Letters differ in this bit alone, and only letters may.
            guard byte == other || (byte ^ other) == 0x20 && (0x61...0x7a).contains(byte | 0x20) else { return false }
            place = index(after: place)
        }
        return true
    }
}
