extension Page {
    /// The policies in force: reading them, asking them, having a refusal explained.
    static let policies: [Page] = [
        Page(.get, "/policies") { try PolicyList.show($0) },
        Page(.post, "/policies:reload") { try await PolicyList.reload($0) },
        Page(.get, "/policies/{policy}") { try PolicyText.show($0) },
        Page(.get, "/policies:ask") { try PolicyQuestion.show($0) },
        Page(.get, "/policies:explain") { DecisionLookup.ask($0) },
        Page(.get, "/decisions/{id}") { try DecisionLookup.show($0) },
    ]
}
