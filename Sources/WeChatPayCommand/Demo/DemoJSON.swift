import Foundation

/// A JSON answer, read field by field with an error that names the one that is missing.
struct DemoJSON {
    private let value: Any
    private let text: String

    init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        self.text = text
    }

    private init(value: Any, text: String) {
        self.value = value
        self.text = text
    }

    func at(_ path: String...) throws -> DemoJSON {
        try path.reduce(self) { json, name in DemoJSON(value: try json.field(name), text: text) }
    }

    func text(_ name: String) throws -> String {
        guard let string = try field(name) as? String else { throw CommandFailure("\(name) is no text in \(text)") }
        return string
    }

    func integer(_ name: String) throws -> Int64 {
        guard let number = try field(name) as? NSNumber else { throw CommandFailure("\(name) is no number in \(text)") }
        return number.int64Value
    }

    func list(_ name: String) throws -> [DemoJSON] {
        guard let list = try field(name) as? [Any] else { throw CommandFailure("\(name) is no list in \(text)") }
        return list.map { DemoJSON(value: $0, text: text) }
    }

    func contains(_ part: String) -> Bool { text.contains(part) }

    private func field(_ name: String) throws -> Any {
        guard let object = value as? [String: Any], let field = object[name], !(field is NSNull) else {
            throw CommandFailure("\(name) is missing in \(text)")
        }
        return field
    }
}
