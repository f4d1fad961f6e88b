extension RotationContext {
    /// What marks the credential of this attempt, in a name or a tag at the provider: 57 characters.
    package var mark: String { keyMark + tokenText }
    /// What the marks of all attempts for this key begin with.
    private var keyMark: String { "keyturn-\(keyID.prefix(16))-" }

    /// Whose a credential with this mark is.
    package func origin(ofMark text: String?) -> ListedCredential.Origin {
        if text == mark { return .thisAttempt }
        return text?.hasPrefix(keyMark) == true ? .thisKey : .another
    }
}
