import Foundation

extension StrictJSON {
    /// Checks a text and decodes it.
    ///
    /// - Throws: ``Failure`` for a text that is refused, `DecodingError` for one that has another shape.
    package static func decode<T: Decodable>(
        _ type: T.Type = T.self, from bytes: [UInt8], numbers: Numbers = .integers
    ) throws -> T {
        try validate(bytes, numbers: numbers)
        return try JSONDecoder().decode(T.self, from: Data(bytes))
    }

    /// Writes a value without spaces and with slashes as they are, keys in alphabetical order, so that the same value
    /// always gives the same bytes.
    package static func encode(
        _ value: some Encodable, userInfo: [CodingUserInfoKey: any Sendable] = [:]
    ) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.userInfo = userInfo
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// What a decoding error means, naming the field by its path: `items[0].quantity is missing`.
    package static func explain(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            let text = keys.reduce(into: "") { text, key in
                if let index = key.intValue { text += "[\(index)]" } else { text += (text.isEmpty ? "" : ".") + key.stringValue }
            }
            return text.isEmpty ? "the body" : text
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context): return "\(path(context.codingPath + [key])) is missing"
        case DecodingError.valueNotFound(_, let context): return "\(path(context.codingPath)) must not be null"
        case DecodingError.typeMismatch(let type, let context):
            return "\(path(context.codingPath)) has the wrong type, expected \(jsonName(type))"
        case DecodingError.dataCorrupted(let context):
            return "\(path(context.codingPath)) is not valid: \(context.debugDescription)"
        default: return "\(error)"
        }
    }

    private static func jsonName(_ type: Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Bool.self { return "true or false" }
        if type is any BinaryInteger.Type { return "an integer" }
        return type is any ExpressibleByArrayLiteral.Type ? "an array" : "an object"
    }
}
