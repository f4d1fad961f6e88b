internal import SecretMemory
internal import VaultAPI

/// Prints secrets on standard output, alone.
enum ValueOutput {
    /// The bytes as they are; at a terminal a line end follows.
    ///
    /// - Throws: a failure where they would reach a terminal and hold characters that it could obey.
    static func exact(_ value: WipedBytes) throws(Failure) {
        guard Console.outputIsTerminal else {
            return try value.withBytes { (span) throws(Failure) in try Console.out(bytes: span) }
        }
        guard let text = value.disclosedText(), isShowable(text) else {
            throw Failure(
                .failed, "the value holds characters that a terminal could obey",
                hints: ["send it elsewhere: keyturn get … > FILE"])
        }
        try Console.out(text)
    }

    /// A secret that is known to be one line, with a line end.
    static func line(_ value: SecretText) throws(Failure) {
        try Console.out(Inert.line(value.bytes.disclosedText() ?? ""))
    }

    /// Line ends and tabs are harmless.
    static func isShowable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || !Inert.isActive($0) }
    }
}
