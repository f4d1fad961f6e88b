extension RouteTable {
    /// Enrolment codes, and a caller's own access key.
    static let enrolment: [Route] = [
        Route(
            .enrol, "POST", "/v1/access:enrol",
            "Make a code that is exchanged once, soon, for an access key. Its text is shown this once.",
            body: .json("EnrolRequest"), replies: [.created("NewEnrolment")]),
        Route(
            .listEnrolments, "GET", "/v1/access/enrolments",
            "The enrolment codes whose policies the caller may grant, the newest first.",
            replies: [.ok("EnrolmentList")]),
        Route(
            .cancelEnrolment, "POST", "/v1/access/enrolments/{id}:cancel", "Have a code exchanged by nobody any more.",
            replies: [.ok("EnrolmentRecord")]),
        Route(
            .exchangeEnrolment, "POST", "/v1/access:exchange", "Exchange an enrolment code for its access key.",
            body: .json(schema: "ExchangeRequest", bytes: 4 * 1024, members: 8, isOptional: false),
            replies: [.ok("NewIssuedKey")], isOpen: true),
        Route(
            .rollOwnKey, "POST", "/v1/access:roll",
            "Make a successor of the access key that is presented, and honour that for an overlap.",
            body: .json("RollKeyRequest", isOptional: true), replies: [.ok("NewIssuedKey")]),
    ]
}
