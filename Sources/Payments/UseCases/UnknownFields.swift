import PaymentPrimitives

extension Decoder {
    /// Refuses a body that has a field which this version does not know: a misspelt `openid`, or an option without effect,
    /// must not pass unnoticed where money is concerned.
    ///
    /// - Throws: ``PaymentError`` `.invalidRequest` with the field's path.
    package func refuseFields<Key: CodingKey & RawRepresentable<String> & CaseIterable>(
        otherThan keys: Key.Type, because reason: String = "is not a field of this version"
    ) throws {
        let known = Set(keys.allCases.map(\.rawValue))
        for key in try container(keyedBy: AnyFieldName.self).allKeys where !known.contains(key.stringValue) {
            var path = ""
            for step in codingPath {
                if let index = step.intValue {
                    path += "[\(index)]"
                } else {
                    path += (path.isEmpty ? "" : ".") + step.stringValue
                }
            }
            let name = (path.isEmpty ? "" : path + ".") + String(key.stringValue.prefix(40))
            throw PaymentError(.invalidRequest, "\(name) \(reason)", field: name)
        }
    }
}

private struct AnyFieldName: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
