internal import SecretMemory
internal import Vault

/// One page, or what one form on a page does.
///
/// How a page is made:
///
/// 1. A template `Assets/NAME.mustache` that stands in the layout: `{{<layout}}{{$main}} … {{/main}}{{/layout}}`.
///    Includes such as `{{>field}}` stand at the start of their line, because the library indents what it includes.
///    Forms hold `{{>csrf}}`. The title in the view is the page's heading and the window's.
/// 2. A file in `Pages/` with an `extension Page` that has a list of pages and `let template = Template(PackageResources.
///    NAME_mustache)`; the list is named in ``all``. A page that shows something is a `GET` and answers
///    ``Answer/page(_:_:status:secrets:headers:)``; what a form does is a `POST` and answers ``Answer/done(_:_:)``: a
///    redirect, and a notice on the page that follows. Only what must be shown once (a value, a new key) is shown by a
///    `POST`.
/// 3. What it needs from the vault it asks with ``Visit/requester``: the signed-in access key, presented anew. Errors of
///    the vault need no care: a refusal becomes a page with its decision id, a seal leads to the unseal form, a key
///    that was revoked to the sign-in form. A form that can be corrected catches ``Forms`` errors and shows itself again.
///
/// Cookies, the token in forms, Origin, headers and the layout's own parts are seen to by ``Console``.
struct Page: Sendable {
    enum Method: String, Sendable { case get = "GET", post = "POST" }

    enum Audience: Sendable {
        /// Anybody; also while the vault is sealed.
        case anyone
        /// Who has signed in, in an open vault.
        case signedIn
    }

    let method: Method
    /// A path in which `{path}` stands for a key's and any other name in braces for one segment.
    let template: String
    let audience: Audience
    /// The most bytes of a form.
    let bytes: Int
    let answer: @Sendable (Visit) async throws -> Answer

    init(
        _ method: Method, _ template: String, for audience: Audience = .signedIn, bytes: Int = 16 * 1024,
        _ answer: @escaping @Sendable (Visit) async throws -> Answer
    ) {
        self.method = method
        self.template = "/console" + template
        self.audience = audience
        self.bytes = bytes
        self.answer = answer
    }

    /// Every page there is.
    static let all: [Page] =
        start + signIn + sealing + storedKeys + keyActions + issuedKeys + rotations + policies + audit + usage + assets

    /// As routes and the audit log name it.
    var name: String { "\(method.rawValue) \(template)" }
}

/// What a page answers.
enum Answer {
    /// A template, filled in.
    ///
    /// - Parameters:
    ///   - view: on top of what the layout needs; `title` is a must.
    ///   - secrets: what is put in the place of `<!--secret N-->`.
    case page(
        Template, View, status: Int = 200, secrets: [WipedBytes] = [], headers: [(name: String, value: String)] = [])
    /// Something was done: the browser goes on to `path`, which says so.
    case done(Notice?, to: String)
    /// Nothing was done: the browser goes elsewhere.
    case elsewhere(String, headers: [(name: String, value: String)] = [])
    /// A file.
    case file([UInt8], type: String, etag: String)
}
