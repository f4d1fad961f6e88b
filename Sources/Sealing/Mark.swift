internal import FoundationEssentials

/// Which sealing of a record is meant: the commit that wrote it, its nonce and its tag. Two sealings of the same
/// record, even with the same content, have different marks.
package struct Mark: Hashable, Sendable {
    package let generation: UInt64
    package let nonce: Bytes24
    package let tag: Bytes16

    package init(generation: UInt64, nonce: Bytes24, tag: Bytes16) {
        self.generation = generation
        self.nonce = nonce
        self.tag = tag
    }

    /// The mark in a message, or nil where a length in it is wrong.
    package init?(_ message: Records.Mark) {
        guard let nonce = Bytes24(message.nonce), let tag = Bytes16(message.tag) else { return nil }
        self.init(generation: message.generation, nonce: nonce, tag: tag)
    }

    /// The mark as part of a message.
    package var message: Records.Mark {
        var message = Records.Mark()
        message.generation = generation
        message.nonce = nonce.data
        message.tag = tag.data
        return message
    }
}
