internal import Glibc
internal import Notices
internal import Outbound
internal import Rotation
internal import SecretMemory
internal import StrictYAML

/// The file that says who is told of rotations: receivers by name.
///
/// ```yaml
/// ops:
///   on: [failing, held, overdue]
///   url: https://hooks.example.com/keyturn
///   secret_file: ops.secret
/// pager:
///   command: /usr/local/lib/keyturn/page
/// ```
struct NoticeFile {
    private static let words = ["on", "url", "secret_file", "secret_key", "authorities", "allow_private", "command"]
    private static let most = 32
    static let longest = 64 << 10

    private let name: String
    /// Where relative paths start.
    private let folder: String
    /// The value of a stored key, while the vault is open.
    private let stored: @Sendable (String) -> WipedBytes?

    /// - Parameters:
    ///   - path: the file, absolute.
    ///   - stored: gives the value of the stored key of that path; nil where it is not to be had now.
    /// - Throws: a usage failure that names file, line and word.
    static func read(
        _ path: String, stored: @escaping @Sendable (String) -> WipedBytes?
    ) throws(Failure) -> [NoticeReceiver] {
        let contents = try SecretFile.read(path, named: "notices", limit: longest)
        guard let text = contents.disclosedText() else { throw .usage("notices: the file is not UTF-8") }
        return try parse(text, name: path, folder: AbsolutePath.folder(of: path), stored: stored)
    }

    static func parse(
        _ text: String, name: String, folder: String, stored: @escaping @Sendable (String) -> WipedBytes?
    ) throws(Failure) -> [NoticeReceiver] {
        let file = NoticeFile(name: name, folder: folder, stored: stored)
        let root: YAMLNode?
        do throws(YAMLProblem) { root = try StrictYAML.read(text) } catch {
            throw .usage("\(name):\(error.line): \(error.problem); \(error.remedy)")
        }
        guard let root else { return [] }
        guard case .mapping(let pairs) = root.content, pairs.count <= most else {
            throw file.wrong(root.line, "names of at most \(most) receivers, and beneath each what it is")
        }
        var receivers: [NoticeReceiver] = []
        for (key, value) in pairs { receivers.append(try file.receiver(key, value)) }
        return receivers
    }

    private func wrong(_ line: Int, _ expectation: String) -> Failure { .usage("\(name):\(line): \(expectation)") }

    private func receiver(_ key: YAMLText, _ node: YAMLNode) throws(Failure) -> NoticeReceiver {
        guard (1...64).contains(key.text.utf8.count),
            key.text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        else { throw wrong(key.line, "a receiver's name is 1 to 64 letters, digits, `-` and `_`") }
        guard case .mapping(let pairs) = node.content else {
            throw wrong(node.line, "a receiver has url and secret_file, or command")
        }
        var nodes: [String: YAMLNode] = [:]
        for (word, value) in pairs {
            guard Self.words.contains(word.text) else {
                throw wrong(word.line, "no such word; known: \(Self.words.joined(separator: ", "))")
            }
            nodes[word.text] = value
        }
        let kinds = try nodes["on"].map { (node) throws(Failure) in try self.kinds(node) }
        return NoticeReceiver(
            name: key.text, kinds: kinds ?? Set(RotationNotice.Kind.allCases), way: try way(nodes, key.line))
    }

    private func kinds(_ node: YAMLNode) throws(Failure) -> Set<RotationNotice.Kind> {
        let known = RotationNotice.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .list(let items) = node.content, !items.isEmpty else {
            throw wrong(node.line, "on is a list of \(known)")
        }
        var kinds: Set<RotationNotice.Kind> = []
        for item in items {
            guard case .text(let text) = item.content, let kind = RotationNotice.Kind(rawValue: text) else {
                throw wrong(item.line, "on is a list of \(known)")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    private func way(_ nodes: [String: YAMLNode], _ line: Int) throws(Failure) -> NoticeReceiver.Way {
        switch (nodes["url"], nodes["command"]) {
        case (let url?, nil): return .webhook(try webhook(url, nodes, line))
        case (nil, let command?):
            guard nodes.keys.allSatisfy({ $0 == "on" || $0 == "command" }) else {
                throw wrong(line, "a command takes on, and nothing else")
            }
            let path = try text(command)
            do throws(OwnedProgram.Problem) { return .command(try OwnedProgram(path)) } catch {
                throw wrong(command.line, "command: \(error)")
            }
        default: throw wrong(line, "a receiver has url or command, and not both")
        }
    }

    private func webhook(
        _ url: YAMLNode, _ nodes: [String: YAMLNode], _ line: Int
    ) throws(Failure) -> Webhook {
        let isPrivate = try nodes["allow_private"].map { (node) throws(Failure) in try flag(node) } ?? false
        let authorities = try nodes["authorities"].map { (node) throws(Failure) in
            AbsolutePath.from(try text(node), in: folder)
        }
        let secret: @Sendable () async -> WipedBytes?
        switch (nodes["secret_file"], nodes["secret_key"]) {
        case (let file?, nil):
            let path = AbsolutePath.from(try text(file), in: folder)
            guard let now = Self.secret(in: path), now.count >= Webhook.leastSecret else {
                throw wrong(
                    file.line,
                    "secret_file: a file of the server's user with mode 0600 and at least \(Webhook.leastSecret) bytes")
            }
            secret = { Self.secret(in: path) }
        case (nil, let key?):
            let path = try text(key)
            secret = { [stored] in stored(path) }
        default: throw wrong(line, "a url needs secret_file or secret_key, and not both")
        }
        let address = try text(url)
        do throws(WebhookError) {
            return try Webhook(
                url: address, authorities: authorities, allowsPrivate: isPrivate, secret: secret)
        } catch {
            throw wrong(url.line, "url: \(error)")
        }
    }

    private func flag(_ node: YAMLNode) throws(Failure) -> Bool {
        switch node.content {
        case .text("true"): return true
        case .text("false"): return false
        default: throw wrong(node.line, "takes true or false")
        }
    }

    private func text(_ node: YAMLNode) throws(Failure) -> String {
        guard case .text(let text) = node.content, !text.isEmpty, !text.utf8.contains(0) else {
            throw wrong(node.line, "takes text")
        }
        return text
    }

    /// What a file holds, without one final newline; nil where it is not to be had, or others may read or write it.
    private static func secret(in path: String) -> WipedBytes? {
        var information = stat()
        guard unsafe stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            information.st_mode & 0o077 == 0, information.st_uid == geteuid() || information.st_uid == 0
        else { return nil }
        return (try? SecretFile.read(path, named: "secret_file", limit: 4_096))?.withoutFinalNewline()
    }
}
