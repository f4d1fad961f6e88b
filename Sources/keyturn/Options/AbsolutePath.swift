internal import FoundationEssentials

/// Paths that stay right when the working folder changes.
enum AbsolutePath {
    /// `path` behind `base`, or behind the working folder, unless it starts with a slash.
    static func from(_ path: String, in base: String? = nil) -> String {
        guard !path.hasPrefix("/") else { return path }
        let folder = base ?? FileManager.default.currentDirectoryPath
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }

    /// The folder that `path` is in.
    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.count <= 1 ? (path.hasPrefix("/") ? "/" : ".") : parts.joined(separator: "/")
    }
}
