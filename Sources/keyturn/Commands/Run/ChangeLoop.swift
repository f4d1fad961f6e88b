internal import KeyturnClient
internal import VaultAPI

/// Follows the values of a program that runs, and has it told when they change.
struct ChangeLoop: Sendable {
    let provision: Provision
    /// What is done with other values.
    let apply: @Sendable (RunValues) throws(Failure) -> Void

    /// How often what is confirmed all the time is kept anew, and a list is looked at again, in milliseconds.
    private static let upkeep: Int64 = 30_000
    /// How long to wait for further changes before one is acted on: keys that are rotated together restart once.
    private static let gathering = Duration.milliseconds(250)

    /// Follows until it is cancelled.
    ///
    /// - Parameter values: what the program was started with.
    func run(from values: RunValues) async {
        var values = values
        var notes = Notes()
        var backoff = Backoff(first: 1000)
        var lastUpkeep = Surroundings.now
        while !Task.isCancelled {
            let known = values.entries.map { ValueWatch.Known($0.reference, $0.value) }
            for await event in ValueWatch.events(of: known, in: provision.vault) {
                switch event {
                case .confirmed:
                    notes.clear()
                    guard Surroundings.now - lastUpkeep >= Self.upkeep else { continue }
                    lastUpkeep = Surroundings.now
                    await provision.rollOwnKey()
                    if await hasOtherPaths(values) { break }
                    provision.keep(values)
                    continue
                case .failed(_, let error):
                    if Self.mayHaveNewKey(error), (try? provision.takeNewKey()) == true { continue }
                    if error.isRefusal { provision.cache?.erase() }
                    notes.say(error)
                    continue
                case .changed: break
                }
                break
            }
            if Task.isCancelled { return }
            do {
                try await Task.sleep(for: Self.gathering)
                let next = try await provision.fetch()
                backoff.reset()
                guard Set(next.entries.map { ValueWatch.Known($0.reference, $0.value) }) != Set(known) else { continue }
                try apply(next)
                values = next
            } catch {
                if Task.isCancelled { return }
                notes.say(error)
                try? await Task.sleep(for: .milliseconds(backoff.next()))
            }
        }
    }

    /// Whether the keys beneath the prefix are others now; not where that cannot be told.
    private func hasOtherPaths(_ values: RunValues) async -> Bool {
        guard provision.plan.prefix != nil, let paths = try? await provision.paths() else { return false }
        return Set(paths) != Set(values.entries.filter { $0.reference.field == nil }.map(\.value.path))
    }

    private static func mayHaveNewKey(_ error: KeyturnClientError) -> Bool { error.code == .unauthorized }
}

/// Says a trouble once, until it is over.
private struct Notes {
    private var said: String?

    mutating func say(_ error: any Error) {
        let text = (error as? Failure)?.sentence ?? "\(error)"
        guard text != said else { return }
        said = text
        Console.note("keyturn: the program goes on with the values that it has: \(text)")
    }

    mutating func clear() { said = nil }
}
