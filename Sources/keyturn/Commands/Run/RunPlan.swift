internal import SecretMemory
internal import VaultAPI

/// What a program is to have, before anything is fetched.
struct RunPlan: Equatable, Sendable {
    var variables: [EnvBinding] = []
    var files: [FileBinding] = []
    /// All keys beneath it become variables too.
    var prefix: String?

    var isEmpty: Bool { variables.isEmpty && files.isEmpty && prefix == nil }

    /// What is asked for by name, each once.
    var references: [ValueReference] {
        var seen = Set<String>()
        return (variables.map(\.reference) + files.map(\.reference)).filter {
            seen.insert("\($0.path)#\($0.field ?? "")").inserted
        }
    }

    /// The same as texts, with the prefix: what a cache is bound to.
    var names: [String] {
        references.map { "key \($0.path)#\($0.field ?? "")" } + (prefix.map { ["prefix \($0)"] } ?? [])
    }

    /// The variables and their values. One that was named stands before one that a prefix gives.
    ///
    /// - Throws: a failure where a field is missing, or two keys beneath the prefix give one name.
    func environment(from values: RunValues) throws(Failure) -> [(name: String, value: WipedBytes)] {
        var found: [(name: String, value: WipedBytes)] = []
        let named = Set(variables.map(\.name))
        for binding in variables {
            found.append((binding.name, try values.bytes(binding.reference, for: binding.name)))
        }
        guard let prefix else { return found }
        var paths: [String: String] = [:]
        for entry in values.entries where entry.reference.field == nil {
            for binding in try PrefixNames.bindings(of: entry.value, beneath: prefix)
            where !named.contains(binding.name) {
                if let other = paths.updateValue(binding.path, forKey: binding.name) {
                    throw Failure(.failed, "\(other) and \(binding.path) would both be \(binding.name)")
                }
                guard let bytes = entry.value.bytes(of: binding.field) else { continue }
                found.append((binding.name, bytes))
            }
        }
        return found
    }

    /// The files and their contents.
    func contents(from values: RunValues) throws(Failure) -> [(target: FileBinding.Target, bytes: WipedBytes)] {
        var found: [(target: FileBinding.Target, bytes: WipedBytes)] = []
        for binding in files {
            found.append((binding.target, try values.bytes(binding.reference, for: "--file \(binding.path)")))
        }
        return found
    }
}

/// What a vault gave for a plan, from one moment.
struct RunValues: Sendable {
    /// A key that was asked for by name has its field in the reference; one beneath a prefix has none.
    var entries: [(reference: ValueReference, value: KeyValue)]

    /// When the first of the values stops being served, in milliseconds since 1970.
    var expires: Int64? { entries.compactMap { $0.value.expires?.milliseconds }.min() }

    func bytes(_ reference: ValueReference, for what: String) throws(Failure) -> WipedBytes {
        guard let entry = entries.first(where: { $0.reference == reference }), let field = reference.field,
            let bytes = entry.value.bytes(of: field)
        else { throw Failure(.notFound, "the key for \(what) has no such field") }
        return bytes
    }
}
