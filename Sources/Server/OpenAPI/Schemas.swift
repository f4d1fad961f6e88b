/// The types of the wire by name.
enum Schemas {
    static let all: [String: Schema] = keys.merging(sealing) { first, _ in first }.merging(access) { first, _ in first }
        .merging(usage) { first, _ in first }
        .merging(auditChain) { first, _ in first }
        .merging(enrolment) { first, _ in first }
        .merging(issuers) { first, _ in first }
        .merging(audit) { first, _ in first }
        .merging(rotation) { first, _ in first }
}
