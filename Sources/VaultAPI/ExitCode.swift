/// What the `keyturn` command ends with, so that a script can tell outcomes apart without reading text.
package enum ExitCode: Int32, CaseIterable, Sendable {
    /// Everything that was asked for was done.
    case done = 0
    /// It was not done, for a reason that has no number of its own.
    case failed = 1
    /// The command line, the environment or a configuration file is wrong.
    case usage = 2
    /// The vault is sealed, or has not been initialised.
    case sealed = 3
    /// The vault does not know the caller, or the caller may not do this.
    case refused = 4
    /// There is no such key, version or record.
    case notFound = 5
    /// No server answered at the address.
    case unreachable = 6
    /// What was verified is whole but for what an operator has accepted.
    case accepted = 7
}
