/// A credential that may live at the provider without use, since nobody could see to its end. A person's to end.
package struct RotationLeftover: Sendable, Equatable {
    /// The provider's name for it; empty where the answer that said it was lost.
    package var handle: String
    /// The token of the attempt that made it, which is in its mark; empty where it is any attempt's of the key.
    package var token: [UInt8]
    /// The step that was given up.
    /// With `overlap` it was honoured still when another version took its place, and is ended together with that.
    package var step: RotationStep
    /// When the attempt that made it began, or, where that is not known, when the step was given up.
    package var time: Int64

    package init(handle: String, token: [UInt8], step: RotationStep, time: Int64) {
        self.handle = handle
        self.token = token
        self.step = step
        self.time = time
    }
}

extension RotationRun {
    /// What the step that is given up may leave at the provider becomes a person's to end, and is remembered until
    /// somebody says that it was.
    ///
    /// - Parameter kept: the provider's name for what is to stay; empty for none.
    mutating func leaveBehind(keeping kept: String = "") {
        var handles = state.orphans
        switch state.step {
        case .create, .discard: handles.append(state.candidate)
        case .reconcile: handles.append("")
        case .retire: handles.append(state.previous)
        // What it was held for has no name where no list showed it.
        case .held where state.error == .possibleOrphan && handles.isEmpty: handles.append("")
        default: break
        }
        let isOfAttempt = !state.token.isEmpty && state.step != .retire
        remember(
            handles.filter { $0.isEmpty || $0 != kept }.map { handle in
                RotationLeftover(
                    handle: handle, token: isOfAttempt ? state.token : [], step: state.step,
                    time: isOfAttempt ? state.began : now)
            })
    }

    mutating func remember(_ left: [RotationLeftover]) {
        guard !left.isEmpty else { return }
        let known = state.leftovers.filter { old in
            !left.contains { $0.handle == old.handle && (!old.handle.isEmpty || $0.token == old.token) }
        }
        state.leftovers = Array((known + left).suffix(RotationLimits.leftovers))
        if !transition.records.contains(.orphanLeft) { record(.orphanLeft) }
    }

    /// Forgets what a provider's list shows to be gone, or what is ended now.
    mutating func compareLeftovers(_ list: [ListedCredential], ended: [String]) {
        // Where a list tells whose a credential is, one without a name is among those that are ended, or is not there.
        let isToldApart = capabilities.marksAttempts && !state.current.isEmpty
        // What was in service may have been made by a person, and has no mark then.
        let listed = Set(list.map(\.handle))
        state.leftovers.removeAll { left in
            left.handle.isEmpty
                ? isToldApart && left.step != .overlap && left.step != .retire
                : !listed.contains(left.handle) || ended.contains(left.handle)
        }
    }

    /// Nothing is under way: somebody says that what was left behind has been seen to.
    mutating func seenTo() throws(RotationRefusal) {
        guard !state.leftovers.isEmpty else { throw .notUnderWay }
        state.leftovers = []
        record(.resumed)
    }
}
