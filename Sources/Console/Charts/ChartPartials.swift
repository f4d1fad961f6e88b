/// The parts of charts, by the names that templates include them under.
enum ChartPartials {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("stacked", PackageResources.stacked_mustache),
        ("bars", PackageResources.bars_mustache),
        ("sparkline", PackageResources.sparkline_mustache),
        ("timeline", PackageResources.timeline_mustache),
        ("calendar", PackageResources.calendar_mustache),
    ]
}
