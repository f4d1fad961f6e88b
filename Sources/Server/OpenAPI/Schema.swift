/// A type of the wire, as the OpenAPI document describes it (JSON Schema 2020-12).
indirect enum Schema: Sendable {
    case string(format: String? = nil)
    case integer
    case boolean
    case words([String])
    case array(Schema)
    /// An object whose members have any names.
    case map(Schema)
    case object([Property])
    case named(String)
    /// This or null.
    case optional(Schema)

    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
        var summary: String?
    }

    static let time = Schema.string(format: "date-time")
    static let text = Schema.string()
    static let texts = Schema.array(.text)
}

extension Schema.Property {
    /// A member that is always there.
    static func always(_ name: String, _ schema: Schema, _ summary: String? = nil) -> Schema.Property {
        Schema.Property(name: name, schema: schema, isRequired: true, summary: summary)
    }

    /// A member that may be absent.
    static func maybe(_ name: String, _ schema: Schema, _ summary: String? = nil) -> Schema.Property {
        Schema.Property(name: name, schema: schema, isRequired: false, summary: summary)
    }
}

extension Schema {
    func write(to writer: inout SecretJSONWriter, summary: String? = nil) {
        writer.beginObject()
        switch self {
        case .string(let format):
            writer.member("type", "string")
            if let format { writer.member("format", format) }
        case .integer: writer.member("type", "integer")
        case .boolean: writer.member("type", "boolean")
        case .words(let words):
            writer.member("type", "string")
            writer.member("enum", words)
        case .array(let element):
            writer.member("type", "array")
            writer.name("items")
            element.write(to: &writer)
        case .map(let value):
            writer.member("type", "object")
            writer.name("additionalProperties")
            value.write(to: &writer)
        case .object(let properties): Self.write(properties, to: &writer)
        case .named(let name): writer.member("$ref", "#/components/schemas/\(name)")
        case .optional(let schema):
            writer.name("anyOf")
            writer.beginArray()
            schema.write(to: &writer)
            writer.beginObject()
            writer.member("type", "null")
            writer.endObject()
            writer.endArray()
        }
        if let summary { writer.member("description", summary) }
        writer.endObject()
    }

    private static func write(_ properties: [Property], to writer: inout SecretJSONWriter) {
        writer.member("type", "object")
        writer.name("properties")
        writer.beginObject()
        for property in properties {
            writer.name(property.name)
            property.schema.write(to: &writer, summary: property.summary)
        }
        writer.endObject()
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
    }
}

extension SecretJSONWriter {
    mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    mutating func member(_ name: String, _ values: [String]) {
        self.name(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}
