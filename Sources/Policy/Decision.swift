/// The answer to "may this caller do this to that?".
package struct Decision: Hashable, Sendable {
    /// Whether it may be done. Without a rule it may not.
    package let allowed: Bool
    /// The rule that decided; nil where none matched.
    package let rule: RuleReference?
    /// Policies that the caller holds and no file defines; they give nothing and take nothing.
    package let unknownPolicies: [String]
}
