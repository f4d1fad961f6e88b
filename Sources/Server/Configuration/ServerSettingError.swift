/// A setting with which the server does not start. It names the setting and says what would be right.
package struct ServerSettingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// As on the command line, without dashes: `listen`, `socket`, `tls-certificate`, `tls-key`, `allowed-hosts`,
    /// `trusted-proxies`, `data`.
    package var setting: String
    package var detail: String

    package init(_ setting: String, _ detail: String) {
        self.setting = setting
        self.detail = detail
    }

    package var description: String { "\(setting): \(detail)" }
}
