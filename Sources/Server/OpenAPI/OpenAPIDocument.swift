package import NIOCore
internal import VaultAPI

/// The OpenAPI 3.1 document, made of the same table that requests are routed by.
package enum OpenAPIDocument {
    package static let body: ByteBuffer = make()

    private static func make() -> ByteBuffer {
        var writer = SecretJSONWriter(capacity: 64 * 1024)
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        writer.name("info")
        writer.beginObject()
        writer.member("title", "Keyturn")
        writer.member("version", Release.version)
        writer.member(
            "description",
            "Keeps API keys sealed, and hands them to the applications that may have them. HEAD is answered wherever GET is but at values."
        )
        writer.endObject()
        writer.name("security")
        writer.beginArray()
        for scheme in ["accessKey", "accessKeyHeader"] { writeRequirement(scheme, to: &writer) }
        // A user of a local socket presents nothing.
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writePaths(to: &writer)
        writeComponents(to: &writer)
        writer.endObject()
        return writer.buffer
    }

    private static func writeRequirement(_ scheme: String, to writer: inout SecretJSONWriter) {
        writer.beginObject()
        writer.name(scheme)
        writer.beginArray()
        writer.endArray()
        writer.endObject()
    }

    // MARK: Calls

    private static func writePaths(to writer: inout SecretJSONWriter) {
        writer.name("paths")
        writer.beginObject()
        let byPath = Dictionary(grouping: RouteTable.routes, by: \.template)
        for (template, routes) in byPath.sorted(by: { $0.key < $1.key }) {
            writer.name(template)
            writer.beginObject()
            for route in routes.sorted(by: { $0.method < $1.method }) {
                writer.name(route.method.lowercased())
                write(route, to: &writer)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static func write(_ route: Route, to writer: inout SecretJSONWriter) {
        writer.beginObject()
        writer.member("operationId", route.operation.rawValue)
        writer.member("summary", route.summary)
        if route.isOpen {
            writer.name("security")
            writer.beginArray()
            writer.endArray()
        }
        writeParameters(route, to: &writer)
        writeBody(route.body, to: &writer)
        writer.name("responses")
        writer.beginObject()
        for reply in route.replies { write(reply, to: &writer) }
        writer.name("default")
        writer.beginObject()
        writer.member("description", "A problem (RFC 9457).")
        writeContent("application/problem+json", .named("Problem"), to: &writer)
        writer.endObject()
        writer.endObject()
        writer.endObject()
    }

    private static func writeParameters(_ route: Route, to writer: inout SecretJSONWriter) {
        let inPath = route.template.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first }
        guard !inPath.isEmpty || !route.query.isEmpty || !route.headers.isEmpty else { return }
        writer.name("parameters")
        writer.beginArray()
        for name in inPath {
            writer.beginObject()
            writer.member("name", String(name))
            writer.member("in", "path")
            writer.name("required")
            writer.bool(true)
            if name == "path" {
                writer.member("description", "The key's path: segments joined by slashes, which are not encoded.")
            }
            writer.name("schema")
            Schema.text.write(to: &writer)
            writer.endObject()
        }
        for parameter in route.query { write(parameter, in: "query", to: &writer) }
        for parameter in route.headers { write(parameter, in: "header", to: &writer) }
        writer.endArray()
    }

    private static func write(_ parameter: Route.Parameter, in place: String, to writer: inout SecretJSONWriter) {
        writer.beginObject()
        writer.member("name", parameter.name)
        writer.member("in", place)
        writer.member("description", parameter.summary)
        writer.name("schema")
        writer.beginObject()
        switch parameter.type {
        case .text: writer.member("type", "string")
        case .flag: writer.member("type", "boolean")
        case .integer(let range):
            writer.member("type", "integer")
            writer.name("minimum")
            writer.integer(range.lowerBound)
            writer.name("maximum")
            writer.integer(range.upperBound)
        case .word(let words):
            writer.member("type", "string")
            writer.member("enum", words)
        }
        writer.endObject()
        writer.endObject()
    }

    private static func writeBody(_ body: Route.Body, to writer: inout SecretJSONWriter) {
        guard body != .none else { return }
        writer.name("requestBody")
        writer.beginObject()
        switch body {
        case .none, .form: break
        case .json(let schema, _, _, let isOptional):
            writer.name("required")
            writer.bool(!isOptional)
            writeContent("application/json", .named(schema), to: &writer)
        case .secret:
            writer.name("required")
            writer.bool(true)
            writeContent("application/octet-stream", .string(format: "binary"), to: &writer)
        }
        writer.endObject()
    }

    private static func write(_ reply: Route.Reply, to writer: inout SecretJSONWriter) {
        writer.name(String(reply.status))
        writer.beginObject()
        writer.member("description", reply.status == 304 ? "What the caller has is current." : reply.schema ?? "Done.")
        if let schema = reply.schema { writeContent("application/json", .named(schema), to: &writer) }
        writer.endObject()
    }

    private static func writeContent(_ type: String, _ schema: Schema, to writer: inout SecretJSONWriter) {
        writer.name("content")
        writer.beginObject()
        writer.name(type)
        writer.beginObject()
        writer.name("schema")
        schema.write(to: &writer)
        writer.endObject()
        writer.endObject()
    }

    // MARK: Types

    private static func writeComponents(to writer: inout SecretJSONWriter) {
        writer.name("components")
        writer.beginObject()
        writer.name("securitySchemes")
        writer.beginObject()
        writer.name("accessKey")
        writer.beginObject()
        writer.member("type", "http")
        writer.member("scheme", "bearer")
        writer.endObject()
        writer.name("accessKeyHeader")
        writer.beginObject()
        writer.member("type", "apiKey")
        writer.member("in", "header")
        writer.member("name", "X-API-Key")
        writer.endObject()
        writer.endObject()
        writer.name("schemas")
        writer.beginObject()
        for (name, schema) in Schemas.all.sorted(by: { $0.key < $1.key }) {
            writer.name(name)
            schema.write(to: &writer)
        }
        writer.endObject()
        writer.endObject()
    }
}
