/// The cookies of the console: of a session, and of a visit before it.
struct Cookies: Equatable {
    enum Name: String {
        case session = "keyturn"
        case visit = "keyturn-visit"
    }

    let place: Place

    /// With TLS the prefix has browsers see to it that no other host sets the cookie (RFC 6265bis, section 4.1.3.2); it
    /// goes with the path `/`. Other calls do not look at cookies.
    private var isSecure: Bool { place == .encrypted }
    private func name(_ name: Name) -> String { (isSecure ? "__Host-" : "") + name.rawValue }
    private var attributes: String {
        "; Path=\(isSecure ? "/" : "/console"); HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : "")
    }

    /// The header that sets a cookie for as long as the browser runs.
    func set(_ name: Name, _ value: String) -> (name: String, value: String) {
        ("Set-Cookie", "\(self.name(name))=\(value)\(attributes)")
    }

    /// The header that takes a cookie away.
    func clear(_ name: Name) -> (name: String, value: String) {
        ("Set-Cookie", "\(self.name(name))=\(attributes); Max-Age=0")
    }

    /// The value of a cookie that a request has; nil where it has none, or more than one.
    func value(_ name: Name, in headers: [String]) -> String? {
        let start = self.name(name) + "="
        let found = headers.flatMap { $0.split(separator: ";") }.map { $0.drop { $0 == " " } }
            .filter { $0.hasPrefix(start) }
        guard found.count == 1, let value = found.first?.dropFirst(start.count), value.utf8.count <= 256 else {
            return nil
        }
        return String(value)
    }
}
