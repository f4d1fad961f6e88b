import SecretMemory
import Testing

@Suite("Secrets side by side")
struct SecretShelfTests {
    private func secret(_ text: String) -> WipedBytes { WipedBytes(utf8: text) }
    private func text(_ place: SecretShelf.Place?) -> String? { place?.secret?.disclosedText() }

    @Test("After the shelf has closed nothing is found, and nothing is taken")
    func closed() {
        let shelf = SecretShelf(size: 4, capacity: 8)
        let place = shelf.keep(secret("abcd"))
        #expect(text(place) == "abcd")
        shelf.close()
        #expect(text(place) == nil)
        #expect(shelf.keep(secret("abcd")) == nil)
    }

    @Test("Where there is no more room, the one that was put there first makes room")
    func full() {
        let shelf = SecretShelf(size: 1, capacity: 3)
        let places = "abcde".map { shelf.keep(secret(String($0))) }
        #expect(places.map { text($0) } == [nil, nil, "c", "d", "e"])
    }

    @Test("The place of a secret that nobody refers to is taken first, and its end wipes nobody else's")
    func freed() {
        let shelf = SecretShelf(size: 1, capacity: 2)
        var first = shelf.keep(secret("a"))
        let second = shelf.keep(secret("b"))
        first = nil
        let third = shelf.keep(secret("c"))
        #expect(text(second) == "b" && text(third) == "c")
        // Takes the place of one of them.
        var fourth = shelf.keep(secret("d"))
        #expect([text(first), text(second), text(third), text(fourth)].compactMap { $0 }.count == 2)
        #expect(text(fourth) == "d")
        fourth = nil
        #expect(text(shelf.keep(secret("e"))) == "e")
    }

    @Test("Many are kept, each as it was")
    func many() {
        let shelf = SecretShelf(size: 5, capacity: 5_000)
        let places = (10_000..<15_000).map { shelf.keep(secret(String($0))) }
        for (number, place) in zip(10_000..., places) { #expect(text(place) == String(number)) }
    }
}
