internal import KeyturnClient
internal import VaultAPI

/// Follows the values of a program that runs, and has it told when they change.
struct ChangeLoop: Sendable {
    let provision: Provision
    /// How often what is confirmed all the time is kept anew, and a list is looked at again, in milliseconds.
    var upkeep: Int64 = 30_000
    var pacing = ValueFollower.Pacing()
    /// What is done with other values.
    let apply: @Sendable (RunValues) throws(Failure) -> Void

    /// How long to wait for further changes before one is acted on: keys that are rotated together restart once.
    private static let gathering = Duration.milliseconds(250)

    /// Follows until it is cancelled.
    ///
    /// - Parameter values: what the program was started with.
    func run(from values: RunValues) async {
        var values = values
        var keeping = CacheKeeping()
        var notes = Notes()
        var backoff = Backoff(first: 1000)
        var lastUpkeep = Surroundings.now
        while !Task.isCancelled {
            let known = values.entries.map { ValueWatch.Known($0.reference, $0.value) }
            for await event in ValueWatch.events(of: known, in: provision.vault, pacing: pacing) {
                switch event {
                case .confirmed(let path):
                    keeping.answer(.value(path: path))
                    if keeping.step == .keep { notes.clear() }
                    guard Surroundings.now - lastUpkeep >= upkeep else { continue }
                    lastUpkeep = Surroundings.now
                    if await hasToFetch(values, &keeping, &notes) { break }
                    continue
                case .failed(let path, let error):
                    if takesNewKey(after: error) { continue }
                    if error.isRefusal { refused(.value(path: path), &keeping) }
                    notes.say(error)
                    continue
                case .changed(let path): keeping.answer(.value(path: path))
                }
                break
            }
            if Task.isCancelled { return }
            do {
                try await Task.sleep(for: Self.gathering)
                let next = try await fetch(&keeping)
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

    /// Looks after the access key, the list and the cache, where the values are what they were.
    ///
    /// - Returns: whether all of it has to be fetched: the keys beneath the prefix are others now, or it was refused.
    private func hasToFetch(_ values: RunValues, _ keeping: inout CacheKeeping, _ notes: inout Notes) async -> Bool {
        await provision.rollOwnKey()
        if await hasOtherPaths(values, &keeping, &notes) { return true }
        switch keeping.step {
        case .keep: provision.keep(values)
        case .leave: break
        case .fetch: return true
        }
        return false
    }

    /// Whether the keys beneath the prefix are others now; not where that cannot be told.
    private func hasOtherPaths(_ values: RunValues, _ keeping: inout CacheKeeping, _ notes: inout Notes) async -> Bool {
        guard provision.plan.prefix != nil else { return false }
        do {
            let paths = try await provision.paths()
            keeping.answer(.paths)
            return Set(paths) != Set(values.entries.filter { $0.reference.field == nil }.map(\.value.path))
        } catch {
            guard !takesNewKey(after: error), Provision.isRefusal(error) else { return false }
            refused(.paths, &keeping)
            notes.say(error)
            return false
        }
    }

    private func fetch(_ keeping: inout CacheKeeping) async throws -> RunValues {
        do {
            let values = try await provision.fetch()
            keeping.answer(.everything)
            return values
        } catch {
            if !takesNewKey(after: error), Provision.isRefusal(error) { refused(.everything, &keeping) }
            throw error
        }
    }

    /// What was kept is of no use, until the vault answers what it refuses now.
    private func refused(_ question: CacheKeeping.Question, _ keeping: inout CacheKeeping) {
        keeping.refuse(question)
        provision.cache?.erase()
    }

    /// Whether the access key was refused, and its file holds another one, which is presented from here on.
    private func takesNewKey(after error: any Error) -> Bool {
        guard let error = error as? KeyturnClientError, error.code == .unauthorized else { return false }
        return (try? provision.takeNewKey()) == true
    }
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
