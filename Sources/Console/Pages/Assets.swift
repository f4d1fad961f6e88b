/// The files that pages refer to.
struct Asset: Sendable {
    let name: String
    let bytes: [UInt8]
    let type: String
    let etag: String

    init(_ name: String, _ bytes: [UInt8], type: String) {
        self.name = name
        self.bytes = bytes
        self.type = type
        etag = hexadecimal(ContentSum.bytes(of: bytes))
    }

    static let all: [Asset] = [
        Asset("console.css", PackageResources.console_css, type: "text/css; charset=utf-8"),
        Asset("charts.css", PackageResources.charts_css, type: "text/css; charset=utf-8"),
        Asset("console.js", PackageResources.console_js, type: "text/javascript; charset=utf-8"),
        Asset("follow.js", PackageResources.follow_js, type: "text/javascript; charset=utf-8"),
        Asset("icon.svg", PackageResources.icon_svg, type: "image/svg+xml"),
    ]
}

extension Page {
    static let assets: [Page] = Asset.all.map { asset in
        Page(.get, "/assets/" + asset.name, for: .anyone) { _ in
            .file(asset.bytes, type: asset.type, etag: asset.etag)
        }
    }
}
