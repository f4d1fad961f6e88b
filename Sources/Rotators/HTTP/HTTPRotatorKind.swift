package import Outbound
package import Rotation
internal import SecretMemory
internal import Synchronization

/// The rotator `http`: asks a provider as a provider file says.
///
/// Settings: `provider` names the file's `provider:`; `credential` is the path of the key that holds what the
/// provider file calls `credential`, where it has one; the others are those that the file declares.
package final class HTTPRotatorKind: RotatorKind {
    package let name = "http"
    private let sender: HTTPSender
    private let providers: Mutex<ProviderSet>

    package init(_ providers: ProviderSet, sender: HTTPSender = HTTPSender()) {
        self.providers = Mutex(providers)
        self.sender = sender
    }

    /// Puts other files in force. Rotators that were made before keep the file they were made with.
    package func replace(_ providers: ProviderSet) { self.providers.withLock { $0 = providers } }

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        guard let name = settings["provider"] else {
            throw RotatorSettingsError("provider", "name a provider file's provider, such as sendgrid")
        }
        guard let file = providers.withLock({ $0[name] }) else {
            throw RotatorSettingsError("provider", "no file in policies/providers has this name")
        }
        return HTTPRotator(file, try HTTPSettings(settings, file), sender)
    }
}

/// The settings of one key, with what the provider file presets.
struct HTTPSettings: Sendable {
    /// The key that holds the credential, where the file needs one.
    let credential: String?
    /// By name.
    let values: [String: WipedBytes]

    private static let longest = 4_096

    init(_ settings: [String: String], _ file: ProviderFile) throws(RotatorSettingsError) {
        var values: [String: WipedBytes] = [:]
        for setting in file.settings {
            guard let text = settings[setting.name] ?? setting.preset else {
                throw RotatorSettingsError(setting.name, "the provider \(file.name) needs it")
            }
            guard !text.isEmpty, text.utf8.count <= Self.longest else {
                throw RotatorSettingsError(setting.name, "it has 1 to \(Self.longest) bytes")
            }
            guard setting.kind != .json || ReplyJSON.read(Array(text.utf8)) != nil else {
                throw RotatorSettingsError(setting.name, "it is JSON, such as [\"mail.send\"]")
            }
            values[setting.name] = WipedBytes(utf8: text)
        }
        credential = settings["credential"]
        for name in settings.keys.sorted() where name != "provider" {
            if name == "credential" {
                guard !file.credentialFields.isEmpty else {
                    throw RotatorSettingsError(name, "the provider \(file.name) needs no other key")
                }
            } else if values[name] == nil {
                let known =
                    ["provider"] + (file.credentialFields.isEmpty ? [] : ["credential"]) + file.settings.map(\.name)
                throw RotatorSettingsError(name, "no such setting; known: \(known.joined(separator: ", "))")
            }
        }
        if !file.credentialFields.isEmpty, credential?.isEmpty ?? true {
            throw RotatorSettingsError(
                "credential", "the path of a key with the fields \(file.credentialFields.joined(separator: ", "))")
        }
        self.values = values
    }
}
