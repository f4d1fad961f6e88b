internal import Glibc

/// What a signal that ends the process must put back first. Written before the handler is installed.
nonisolated(unsafe) private var terminalToRestore: (descriptor: CInt, state: termios) = (-1, termios())

/// Ends what has to end on a signal.
private let endingSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

/// A terminal that shows nothing of what is typed, until it is restored. Signals from the keyboard arrive as characters
/// meanwhile; signals from elsewhere restore the terminal before they end the process.
struct QuietTerminal {
    private let descriptor: CInt
    private let before: termios

    /// - Returns: nil where the terminal does not take the setting.
    init?(_ descriptor: CInt) {
        var state = termios()
        guard unsafe tcgetattr(descriptor, &state) == 0 else { return nil }
        before = state
        self.descriptor = descriptor
        unsafe terminalToRestore = (descriptor, state)
        for number in endingSignals {
            signal(number) { number in
                unsafe tcsetattr(terminalToRestore.descriptor, TCSANOW, &terminalToRestore.state)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        state.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &state) == 0 else {
            restore()
            return nil
        }
    }

    func restore() {
        var state = before
        unsafe tcsetattr(descriptor, TCSANOW, &state)
        for number in endingSignals { signal(number, SIG_DFL) }
    }
}
