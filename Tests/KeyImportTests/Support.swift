import Foundation
import KeyImport
import SecretMemory

/// Numbers that look random and are the same every time: SplitMix64 from a seed.
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

/// What a reader made of a text: a value for each name, or the mistake.
enum Outcome: Equatable {
    case values([String: String])
    case mistake(line: Int, column: Int, ImportProblem)
}

func env(_ text: String) throws -> ImportFile { try ImportFile.readEnv(WipedBytes(utf8: text)) }
func json(_ text: String) throws -> ImportFile { try ImportFile.readJSON(WipedBytes(utf8: text)) }

func outcome(_ read: () throws -> ImportFile) -> Outcome {
    do {
        return .values(try read().values)
    } catch let error as ImportError {
        return .mistake(line: error.line, column: error.column, error.problem)
    } catch {
        return .values(["unexpected error": "\(error)"])
    }
}

func envOutcome(_ text: String) -> Outcome { outcome { try env(text) } }
func jsonOutcome(_ text: String) -> Outcome { outcome { try json(text) } }

extension ImportFile {
    /// The value of each name; for a key of several fields, of each `name.field`.
    var values: [String: String] {
        var values: [String: String] = [:]
        for entry in entries {
            for field in entry.fields {
                let name = field.name == "value" ? entry.name : "\(entry.name).\(field.name)"
                values[name] = field.value.disclosedText() ?? "not UTF-8"
            }
        }
        return values
    }
}

/// A file next to the tests.
func fixture(_ name: String) throws -> WipedBytes {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    let data = try Data(contentsOf: folder.appending(path: name))
    return WipedBytes(utf8: String(decoding: data, as: UTF8.self))
}
