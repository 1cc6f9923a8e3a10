/// A document that the sandbox says in API v2: texts as CDATA, whole numbers bare, as WeChat writes them.
struct V2Document: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case text(String)
        case number(Int64)
    }

    private(set) var fields: [(name: String, value: Value)] = []

    static func == (left: V2Document, right: V2Document) -> Bool { left.bytes() == right.bytes() }

    /// The names and the texts that a signature is over.
    var pairs: [(name: String, value: String)] {
        fields.map { field in
            switch field.value {
            case .text(let text): (field.name, text)
            case .number(let number): (field.name, String(number))
            }
        }
    }

    /// Adds a text; `nil` adds nothing.
    mutating func add(_ name: String, _ text: String?) {
        if let text { fields.append((name, .text(text))) }
    }

    /// Adds an amount in fen or a count; `nil` adds nothing.
    mutating func add(_ name: String, _ number: Int64?) {
        if let number { fields.append((name, .number(number))) }
    }

    mutating func add(_ other: V2Document) { fields += other.fields }

    func text(root: String = "xml") -> String {
        var text = "<\(root)>"
        for (name, value) in fields {
            switch value {
            // The only text that would end a CDATA section is divided between two of them.
            case .text(let content):
                text += "<\(name)><![CDATA[\(content.replacing("]]>", with: "]]]]><![CDATA[>"))]]></\(name)>"
            case .number(let number): text += "<\(name)>\(number)</\(name)>"
            }
            text += "\n"
        }
        return text + "</\(root)>"
    }

    func bytes(root: String = "xml") -> [UInt8] { Array(text(root: root).utf8) }
}
