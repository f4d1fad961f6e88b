/// A word in a coloured frame. The colour says nothing that the word does not.
enum Badge {
    enum Tone: String {
        case good, warning, bad, neutral, accent
    }

    /// For the partial `badge`.
    static func view(_ word: String, _ tone: Tone) -> View { ["word": word, "tone": tone.rawValue] }
}
