/// Finds the searchable texts in the encoded head of a key without decoding it.
enum HeadTexts {
    /// Path, name, description, provider and tags (fields 2 to 5 and 7 of `KeyHead`), and the prefixes of all versions
    /// (field 4 of the `VersionHead`s in field 14).
    static func visit(_ head: RawSpan, _ body: (RawSpan) -> Void) {
        EncodedFields.visit(head) { (number, bytes) in
            switch number {
            case 2...5, 7: body(bytes)
            case 14: EncodedFields.visit(bytes) { (number, bytes) in if number == 4 { body(bytes) } }
            default: break
            }
        }
    }
}
