internal import Audit
internal import IssuedKeys

extension ServerSettings {
    /// Puts settings together: the command line before the environment before the configuration file.
    static func merge(
        options: [ServerSetting: SettingValue], environment: [ServerSetting: SettingValue],
        file: [ServerSetting: SettingValue]
    ) -> [ServerSetting: SettingValue] {
        file.merging(environment) { $1 }.merging(options) { $1 }
    }

    /// Checks every value, and that they go together.
    ///
    /// - Parameter defaultData: the data folder where nobody names one.
    /// - Throws: a usage failure that names the setting.
    init(_ values: [ServerSetting: SettingValue], defaultData: () throws(Failure) -> String) throws(Failure) {
        if let named = values[.data] { data = try Self.path(named) } else { data = try defaultData() }
        while data.count > 1, data.hasSuffix("/") { data.removeLast() }
        audit = try values[.audit].map(Self.path) ?? data + "/audit"
        auditSinks = try Self.auditSinks(values)
        auditPatience = try values[.auditPatience].map(Self.patience) ?? 2_000
        policies = try values[.policies].map(Self.path) ?? data + "/policies"
        policiesWereNamed = values[.policies] != nil
        listen = try values[.listen].map(Self.address) ?? .standard
        listenWasNamed = values[.listen] != nil
        socket = try values[.socket].map(Self.path)
        allowedHosts = try values[.allowedHosts].map(Self.hosts) ?? []
        trustedProxies = try values[.trustedProxies].map(Self.networks) ?? []
        connections =
            try values[.connections].map { (value) throws(Failure) in try Self.number(value, 1...50_000) } ?? 1_000
        hasConsole = try values[.console].map(Self.switched) ?? true
        unattended = try Self.unattended(values)
        allowUnlockedMemory = try values[.allowUnlockedMemory].map(Self.flag) ?? false
        trashWindow = try values[.trashWindow].map(Self.window) ?? 30 * 86_400_000
        logLevel = try values[.logLevel].map(Self.level) ?? .info
        providers = try values[.providers].map(Self.path) ?? policies + "/providers"
        providersWereNamed = values[.providers] != nil
        rotatorCommands = try values[.rotatorCommands].map(Self.commands) ?? [:]
        notices = try values[.notices].map(Self.path)
        tls = try Self.pair(values)
        try checkSockets(values[.socket])
        guard listen.isLoopback || tls != nil else {
            throw (values[.listen] ?? SettingValue(text: "", origin: "--listen")).wrong(
                "an address that other machines reach needs TLS; give --tls-certificate and --tls-key")
        }
    }

    private func checkSockets(_ value: SettingValue?) throws(Failure) {
        guard operatorSocket.utf8.count <= 107 else {
            throw .usage(
                "--data: the path of the socket in it would be longer than the 107 bytes that the system takes")
        }
        guard let socket, let value else { return }
        guard socket.utf8.count <= 107 else {
            throw value.wrong("the path of a socket has at most 107 bytes")
        }
        guard !socket.hasPrefix(data + "/") else {
            throw value.wrong(
                "a socket for applications lies outside the data folder, which only the operator may enter")
        }
    }

    private static func auditSinks(_ values: [ServerSetting: SettingValue]) throws(Failure) -> [FurtherSink] {
        var sinks: [FurtherSink] = []
        if let need = values[.auditSyslog] {
            let path = try values[.auditSyslogPath].map(socketPath) ?? "/dev/log"
            sinks.append(FurtherSink(.syslog(path: path), try self.need(need)))
        } else if let path = values[.auditSyslogPath] {
            throw path.wrong("goes with --audit-syslog mandatory or best-effort")
        }
        switch (values[.auditSocket], values[.auditSocketPath]) {
        case (let need?, let path?):
            sinks.append(FurtherSink(.socket(path: try socketPath(path)), try self.need(need)))
        case (let need?, nil):
            _ = try self.need(need)
            throw need.wrong("a socket has a path; give --audit-socket-path")
        case (nil, let path?): throw path.wrong("goes with --audit-socket mandatory or best-effort")
        case (nil, nil): break
        }
        return sinks
    }

    private static func need(_ value: SettingValue) throws(Failure) -> FurtherSink.Need {
        guard let need = FurtherSink.Need(rawValue: value.text) else {
            throw value.wrong("takes \(FurtherSink.Need.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return need
    }

    private static func socketPath(_ value: SettingValue) throws(Failure) -> String {
        let path = try path(value)
        guard path.utf8.count <= 107 else { throw value.wrong("the path of a socket has at most 107 bytes") }
        return path
    }

    private static func pair(_ values: [ServerSetting: SettingValue]) throws(Failure) -> TLS? {
        switch (values[.tlsCertificate], values[.tlsKey]) {
        case (let certificate?, let key?): return TLS(certificate: try path(certificate), key: try path(key))
        case (let certificate?, nil): throw certificate.wrong("a certificate needs its key; give --tls-key")
        case (nil, let key?): throw key.wrong("a key needs its certificate; give --tls-certificate")
        case (nil, nil): return nil
        }
    }

    private static func unattended(_ values: [ServerSetting: SettingValue]) throws(Failure) -> Unattended? {
        let slot = try values[.unsealSlot].map { (value) throws(Failure) in try number(value, 0...7) }
        guard let named = values[.unsealCredential] else {
            if let slot = values[.unsealSlot] { throw slot.wrong("goes with --unseal-credential") }
            return nil
        }
        let isName = named.text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
        guard isName, !named.text.isEmpty, named.text.utf8.count <= 255, named.text != ".", named.text != ".." else {
            throw named.wrong("takes the name of a credential, as LoadCredential= has it before the colon")
        }
        return Unattended(credential: named.text, slot: slot)
    }

    private static func number(_ value: SettingValue, _ range: ClosedRange<Int>) throws(Failure) -> Int {
        guard value.text.utf8.count <= 9, value.text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(value.text), range.contains(number)
        else { throw value.wrong("takes a whole number from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    private static func path(_ value: SettingValue) throws(Failure) -> String {
        guard !value.text.isEmpty, !value.text.utf8.contains(0) else { throw value.wrong("takes a path") }
        return AbsolutePath.from(value.text, in: value.folder)
    }

    private static func address(_ value: SettingValue) throws(Failure) -> ListenAddress {
        guard let address = ListenAddress(parsing: value.text) else {
            throw value.wrong("takes HOST:PORT, such as 127.0.0.1:8200 or [::1]:8200")
        }
        return address
    }

    private static func hosts(_ value: SettingValue) throws(Failure) -> [String] {
        let hosts = value.text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }).lowercased()
        }
        for host in hosts {
            // With or without a port.
            guard ListenAddress(parsing: host) != nil || ListenAddress(parsing: host + ":1") != nil else {
                throw value.wrong("takes names of hosts, with or without ports, with commas between")
            }
        }
        return hosts
    }

    private static func networks(_ value: SettingValue) throws(Failure) -> [String] {
        let networks = value.text.split(separator: ",").map { part in String(part.drop { $0 == " " }) }
        do {
            _ = try NetworkList(parsing: networks)
        } catch {
            throw value.wrong("\(error)")
        }
        return networks
    }

    /// `NAME=PATH`, each name once.
    private static func commands(_ value: SettingValue) throws(Failure) -> [String: String] {
        var commands: [String: String] = [:]
        for part in value.text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, isCommandName(sides[0]), sides[1].hasPrefix("/"), commands[sides[0]] == nil else {
                throw value.wrong(
                    "takes NAME=PATH with commas between: names of letters, digits, `-` and `_`, each once, and absolute paths"
                )
            }
            commands[sides[0]] = sides[1]
        }
        return commands
    }

    private static func isCommandName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    private static func flag(_ value: SettingValue) throws(Failure) -> Bool {
        switch value.text {
        case "true": return true
        case "false": return false
        default: throw value.wrong("takes true or false")
        }
    }

    private static func switched(_ value: SettingValue) throws(Failure) -> Bool {
        switch value.text {
        case "on": return true
        case "off": return false
        default: throw value.wrong("takes on or off")
        }
    }

    /// The longest window is ten years.
    private static func window(_ value: SettingValue) throws(Failure) -> Int64 {
        let window = try duration(value)
        guard window <= 3650 * 86_400_000 else { throw value.wrong("takes at most 3650d") }
        return window
    }

    private static func patience(_ value: SettingValue) throws(Failure) -> Int64 {
        let patience = try duration(value)
        guard patience <= 60_000 else { throw value.wrong("takes 1s to 60s") }
        return patience
    }

    private static func duration(_ value: SettingValue) throws(Failure) -> Int64 {
        do {
            return try DurationText.milliseconds(value.text)
        } catch {
            throw value.wrong("\(error)")
        }
    }

    private static func level(_ value: SettingValue) throws(Failure) -> LogLevel {
        guard let level = LogLevel(rawValue: value.text) else {
            throw value.wrong("takes \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return level
    }
}
