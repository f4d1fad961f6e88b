internal import KeyturnClient

/// Which server a command talks to.
enum AddressChoice {
    /// Who usually gives the command.
    enum Role: Equatable {
        /// The operator, to whom the operator's socket is enough: no access key is presented there.
        case operations
        /// The operator, with whatever access key there is.
        case administration
        /// Anybody.
        case application
    }

    struct Choice: Equatable {
        var address: KeyturnAddress
        var presentsAccessKey: Bool
    }

    /// Operators: `--address`, then the socket in `--data` or `KEYTURN_DATA`, then `KEYTURN_ADDRESS`, then the socket in
    /// the standard data folder. Others: `--address`, `--data`, `KEYTURN_ADDRESS`, `KEYTURN_DATA`, the socket in the
    /// standard data folder where there is one, and `http://127.0.0.1:8200`.
    ///
    /// - Throws: a usage failure that names the option or variable.
    static func choose(
        _ role: Role, address: String?, data: String?, environment: [String: String], isRoot: Bool,
        exists: (String) -> Bool
    ) throws(Failure) -> Choice {
        if let address { return Choice(address: try parse(address, "--address"), presentsAccessKey: true) }
        let variable = environment["KEYTURN_ADDRESS"]
        let dataComesFirst = data != nil || (role != .application && environment["KEYTURN_DATA"] != nil)
        if !dataComesFirst, let variable {
            return Choice(address: try parse(variable, "KEYTURN_ADDRESS"), presentsAccessKey: true)
        }
        // A process without a home can still talk to a server on the standard port.
        guard role != .application || data != nil || environment["KEYTURN_DATA"] != nil || environment["HOME"] != nil
        else {
            return Choice(address: .standard, presentsAccessKey: true)
        }
        let folder = try DataFolder.choose(option: data, environment: environment, isRoot: isRoot, exists: exists)
        if role == .application, !folder.wasNamed, !exists(folder.socket) {
            return Choice(address: .standard, presentsAccessKey: true)
        }
        return Choice(address: try socket(folder), presentsAccessKey: role != .operations)
    }

    private static func parse(_ text: String, _ name: String) throws(Failure) -> KeyturnAddress {
        do {
            return try KeyturnAddress(text)
        } catch {
            throw .usage("\(name): \(error)")
        }
    }

    private static func socket(_ folder: DataFolder) throws(Failure) -> KeyturnAddress {
        let path = AbsolutePath.from(folder.socket)
        do {
            return try .socket(atPath: path)
        } catch {
            throw .usage("the operator's socket in the data folder: \(error)")
        }
    }
}
