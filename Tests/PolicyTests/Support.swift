import Foundation

@testable import Policy

/// A generator that repeats itself (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// The set of one file `p.yaml`.
func set(_ text: String) throws -> PolicySet { try PolicySet.load(files: [("p.yaml", text)]) }

/// The errors of one file `p.yaml`, one to a line; empty where it loads.
func errors(_ text: String) -> [String] {
    do {
        _ = try PolicySet.load(files: [("p.yaml", text)])
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

func key(_ text: String) throws -> PolicyTarget { .key(try ResourcePath(parsing: text)) }

func path(_ text: String) throws -> ResourcePath { try ResourcePath(parsing: text) }

/// The folder that holds `Tests/`.
let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// What patterns mean, said as shortly as possible and as slowly as need be.
enum Naive {
    static func matches(_ pattern: String, _ path: String) -> Bool {
        matches(pattern.split(separator: "/")[...], path.split(separator: "/")[...])
    }

    private static func matches(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst()))
        }
        guard let segment = path.first else { return false }
        return fits(Array(first)[...], Array(segment)[...]) && matches(pattern.dropFirst(), path.dropFirst())
    }

    private static func fits(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" { return fits(pattern.dropFirst(), text) || (!text.isEmpty && fits(pattern, text.dropFirst())) }
        return text.first == first && fits(pattern.dropFirst(), text.dropFirst())
    }
}
