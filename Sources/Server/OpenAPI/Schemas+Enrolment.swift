extension Schemas {
    private static let record: [Schema.Property] = [
        .always("id", .text), .always("state", .words(["waiting", "redeemed", "expired", "cancelled"])),
        .always("name", .text), .always("description", .text), .always("owner", .text), .always("policies", .texts),
        .always("networks", .texts, "CIDR; empty: any address."), .always("limits", .texts),
        .maybe("lifetime", .text, "How long the access key lives from the exchange."), .always("created", .time),
        .always("created_by", .text), .always("expires", .time, "From then on it is not exchanged."),
        .maybe("cancelled", .time), .maybe("redeemed", .time), .maybe("redeemed_from", .text),
        .maybe("access_key", .text, "The id of the access key that came of it."),
        .maybe("reused", .time, "When it was first presented again after that."), .maybe("reused_from", .text),
    ]

    /// Enrolment codes.
    static let enrolment: [String: Schema] = [
        "EnrolRequest": .object([
            .always("name", .text), .maybe("description", .text), .maybe("owner", .text),
            .always("policies", .texts),
            .maybe("lifetime", .text, "How long the access key lives, such as `90d`; it does not expire unless said."),
            .maybe("networks", .texts, "CIDR, for the exchange and the access key; left out: any address."),
            .maybe("limits", .texts, "Such as `10/s`."),
            .maybe("valid_for", .text, "How long the code waits: `15m` unless said, `7d` at most."),
        ]),
        "EnrolmentRecord": .object(record),
        "NewEnrolment": .object(record + [.always("code", .text, "Shown this once.")]),
        "EnrolmentList": .object([.always("enrolments", .array(.named("EnrolmentRecord")))]),
        "ExchangeRequest": .object([.always("code", .text, "The enrolment code.")]),
    ]
}
