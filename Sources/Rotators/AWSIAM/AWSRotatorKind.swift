package import Outbound
package import Rotation

/// The rotator `aws-iam`: access keys of an IAM user.
///
/// Settings: `user`, `region`, `credential` (the path of the key that makes and ends access keys; without it each key
/// makes its successor), `exclusive`, `endpoint`.
package struct AWSRotatorKind: RotatorKind {
    package let name = "aws-iam"
    private let sender: HTTPSender

    private static let words = ["user", "region", "credential", "exclusive", "endpoint"]

    package init(sender: HTTPSender = HTTPSender()) { self.sender = sender }

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        for name in settings.keys.sorted() where !Self.words.contains(name) {
            throw RotatorSettingsError(name, "no such setting; known: \(Self.words.joined(separator: ", "))")
        }
        guard let user = settings["user"], Self.isUser(user) else {
            throw RotatorSettingsError(
                "user", "the user's name, without its path: 1 to 64 letters, digits and + = , . @ _ -")
        }
        let region = settings["region"] ?? "us-east-1"
        guard AWSEndpoints.isRegion(region) else {
            throw RotatorSettingsError("region", "a region, such as eu-central-1")
        }
        let credential = settings["credential"]
        guard credential != "" else {
            throw RotatorSettingsError(
                "credential", "the path of a key with the fields access_key_id and secret_access_key")
        }
        let exclusive = settings["exclusive"] ?? "false"
        guard exclusive == "true" || exclusive == "false" else {
            throw RotatorSettingsError("exclusive", "true where nobody else makes access keys of this user, or false")
        }
        let endpoints: AWSEndpoints
        do throws(OriginError) {
            endpoints = try AWSEndpoints(region: region, endpoint: settings["endpoint"])
        } catch {
            throw RotatorSettingsError("endpoint", "\(error)")
        }
        return AWSRotator(
            user: user, endpoints: endpoints, credential: credential, isExclusive: exclusive == "true", sender: sender)
    }

    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html, but for the longest names, which
    /// IAM itself does not make.
    private static func isUser(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "+=,.@_-".utf8.contains(byte)
                }
            }
    }
}
