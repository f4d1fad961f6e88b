internal import Glibc

/// Two samples of times, compared.
struct Comparison {
    /// Welch's t of the means, without the slowest twentieth of both, which are interruptions.
    let t: Double
    /// Mann and Whitney's U as a normal deviate, of all.
    let z: Double
    /// How far the medians are apart.
    let medians: Double

    init(_ a: [Int64], _ b: [Int64]) {
        let (left, right) = (a.sorted(), b.sorted())
        medians = Double(left[left.count / 2] - right[right.count / 2])
        let both = (left + right).sorted()
        let most = both[both.count * 19 / 20]
        let (one, other) = (Moments(left.filter { $0 <= most }), Moments(right.filter { $0 <= most }))
        t = (one.mean - other.mean) / sqrt(one.variance / one.count + other.variance / other.count)
        z = Self.deviate(left, right)
    }

    private struct Moments {
        let count, mean, variance: Double

        init(_ values: [Int64]) {
            count = Double(values.count)
            let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
            self.mean = mean
            variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / (Double(values.count) - 1)
        }
    }

    /// With equal times sharing their ranks, and the variance corrected for them.
    private static func deviate(_ a: [Int64], _ b: [Int64]) -> Double {
        let all = (a.map { (time: $0, isFirst: true) } + b.map { (time: $0, isFirst: false) })
            .sorted { $0.time < $1.time }
        var (ranks, ties, start) = (0.0, 0.0, 0)
        while start < all.count {
            var end = start
            while end < all.count, all[end].time == all[start].time { end += 1 }
            let (size, rank) = (Double(end - start), Double(start + end + 1) / 2)
            ranks += rank * Double(all[start..<end].count { $0.isFirst })
            ties += size * size * size - size
            start = end
        }
        let (n, m) = (Double(a.count), Double(b.count))
        let total = n + m
        let variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
        return (ranks - n * (n + 1) / 2 - n * m / 2) / sqrt(variance)
    }
}
