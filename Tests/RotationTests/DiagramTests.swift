import Foundation
import Rotation
import RotationSimulation
import Testing

@Suite("The diagram of the machine")
struct DiagramTests {
    private static let map = MachineMap()

    /// Where there is no page, or none with a diagram, this prints what belongs there.
    @Test("docs/rotation.md shows the moves of the machine, all of them and no other")
    func diagram() {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/rotation.md")
        let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
        let shown = text.components(separatedBy: "```mermaid\n").dropFirst().first?
            .components(separatedBy: "\n```").first
        let right = Self.map.mermaid
        #expect(shown == right, "docs/rotation.md should hold, as a block of mermaid:\n\(right)")
    }

    @Test("Whatever a provider answers, three verbs end any run, or store a value by hand")
    func wayOut() {
        #expect(Self.map.traps == [])
    }

    @Test("Each step can be reached, and left")
    func complete() {
        let moves = Self.map.moves
        for step in RotationStep.allCases {
            #expect(moves.contains { $0.to == step }, "\(step)")
            #expect(moves.contains { $0.from == step }, "\(step)")
        }
    }
}
