/// Which release of Keyturn this is.
package enum Release {
    /// The version, by semantic versioning 2.0.0.
    package static let version = "0.1.0"
}
