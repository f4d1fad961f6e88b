/// The parts that templates share, by the names that they are included under.
enum Partials {
    static let all: [(name: String, bytes: [UInt8])] =
        [
            ("layout", PackageResources.layout_mustache),
            ("csrf", PackageResources.csrf_mustache),
            ("moment", PackageResources.moment_mustache),
            ("badge", PackageResources.badge_mustache),
            ("field", PackageResources.field_mustache),
            ("pager", PackageResources.pager_mustache),
            ("problems", PackageResources.problems_mustache),
            ("unknown", PackageResources.unknown_mustache),
            ("empty", PackageResources.empty_mustache),
            ("audit_lines", PackageResources.audit_lines_mustache),
        ] + ChartPartials.all
}
