internal import VaultAPI

/// Names for the keys beneath a prefix: the rule of `keyturn import` backwards.
enum PrefixNames {
    /// The variables of one key: `shop/sendgrid-api-key` beneath `shop` is `SENDGRID_API_KEY`. A field other than `value`
    /// is added to the name: `cloud/aws` with the field `id` is `AWS_ID` beneath `cloud`.
    ///
    /// - Throws: a failure that names the path for which no variable can be named.
    static func bindings(of value: KeyValue, beneath prefix: String) throws(Failure) -> [EnvBinding] {
        var bindings: [EnvBinding] = []
        for field in value.fields.keys.sorted() {
            let name = variable(value.path, field: field, beneath: prefix)
            guard EnvBinding.isName(name), !ChildEnvironment.withheld.contains(name) else {
                throw Failure(
                    .failed, "\(value.path) gives no name that a variable may have",
                    hints: ["name it: --env NAME=\(value.path), and the others without --prefix"])
            }
            var binding = try EnvBinding("\(name)=\(value.path)#\(field)")
            binding.name = name
            bindings.append(binding)
        }
        return bindings
    }

    private static func variable(_ path: String, field: String, beneath prefix: String) -> String {
        var rest = Substring(path)
        if path.hasPrefix(prefix + "/") {
            rest = path.dropFirst(prefix.count + 1)
        } else if let slash = path.lastIndex(of: "/") {
            // The prefix is the key itself.
            rest = path[path.index(after: slash)...]
        }
        let text = field == "value" ? String(rest) : "\(rest)_\(field)"
        return String(
            decoding: text.utf8.map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): byte & ~0x20
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }, as: UTF8.self)
    }
}
