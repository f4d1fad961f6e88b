import Testing

@testable import Usage

@Suite("Histograms")
struct HistogramTests {
    @Test("Each time is in one class, whatever it is")
    func classes() {
        var histogram = Histogram(bounds: [10, 100])
        for time: Int64 in [.min, -1, 0, 10, 11, 100, 101] { histogram.observe(time) }
        #expect(histogram.counts == [4, 2, 1])
        #expect(histogram.count == 7)
        #expect(histogram.sum == 222)
        histogram.observe(.max)
        #expect(histogram.counts == [4, 2, 2])
    }

    @Test("The standard classes ascend")
    func ascending() {
        let bounds = Histogram.standard.bounds
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
    }
}
