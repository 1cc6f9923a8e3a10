/// A body of `multipart/form-data` (RFC 7578), taken apart strictly and in one pass: nothing before the first boundary, nothing
/// behind the last, each name once.
struct MultipartForm {
    struct Part {
        let name: String
        /// What the part says its file is called; `nil` when it is no file.
        let fileName: String?
        let body: ArraySlice<UInt8>
    }

    /// Why a body is no form.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    static let partLimit = 8
    /// The most bytes of a part's header fields.
    static let headerLimit = 4096
    private static let boundaryLimit = 70

    private(set) var parts: [Part] = []

    /// - Parameter contentType: names the boundary. Where it does not, the first line of the body does: PyPI's wechatpayv3
    ///   sends `multipart/form-data` alone, and is used with WeChat itself.
    init(_ body: [UInt8], contentType: String?) throws(Malformed) {
        let delimiter = Array("\r\n--".utf8) + (try Self.boundary(body, contentType))
        let start = delimiter.dropFirst(2)
        guard body.starts(with: start) else { throw Malformed(reason: "the body does not begin with the boundary") }
        var position = start.count
        while true {
            if body[position...].starts(with: "--".utf8) {
                let rest = body[(position + 2)...]
                guard rest.isEmpty || rest.elementsEqual("\r\n".utf8) else {
                    throw Malformed(reason: "something follows the last boundary")
                }
                return
            }
            guard body[position...].starts(with: "\r\n".utf8) else {
                throw Malformed(reason: "a boundary does not end its line, or the last one has no -- behind it")
            }
            guard parts.count < Self.partLimit else { throw Malformed(reason: "more than \(Self.partLimit) parts") }
            position += 2
            let (name, fileName) = try Self.fields(body, &position)
            guard !parts.contains(where: { $0.name == name }) else { throw Malformed(reason: "the part “\(name)” stands twice") }
            guard let end = Self.find(delimiter, in: body, from: position) else {
                throw Malformed(reason: "the part “\(name)” is not followed by the boundary")
            }
            parts.append(Part(name: name, fileName: fileName, body: body[position..<end]))
            position = end + delimiter.count
        }
    }

    subscript(name: String) -> Part? { parts.first { $0.name == name } }

    private static func boundary(_ body: [UInt8], _ contentType: String?) throws(Malformed) -> [UInt8] {
        guard let contentType, let (type, parameters) = parameters(of: contentType), type == "multipart/form-data" else {
            throw Malformed(reason: "the Content-Type is not multipart/form-data")
        }
        let line = body.dropFirst(2).prefix(boundaryLimit + 1).prefix { $0 != 0x0D }
        let boundary = parameters["boundary"].map { Array($0.utf8) } ?? Array(line)
        guard (1...boundaryLimit).contains(boundary.count), boundary.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Malformed(reason: "the boundary must have 1 to \(boundaryLimit) ASCII characters")
        }
        return boundary
    }

    /// Reads a part's header fields up to and including the empty line.
    private static func fields(
        _ body: [UInt8], _ position: inout Int
    ) throws(Malformed) -> (name: String, fileName: String?) {
        let limit = min(body.count, position + headerLimit)
        var disposition: [String: String]?
        while true {
            var end = position
            while end + 1 < limit, !(body[end] == 0x0D && body[end + 1] == 0x0A) { end += 1 }
            guard end + 1 < limit, let line = String(validating: body[position..<end], as: UTF8.self) else {
                throw Malformed(reason: "a part's header fields have no end, more than \(headerLimit) bytes, or are not UTF-8")
            }
            position = end + 2
            if line.isEmpty { break }
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw Malformed(reason: "a part has a header line without a colon") }
            guard sides[0].lowercased() == "content-disposition" else { continue }
            guard disposition == nil, let (value, found) = parameters(of: String(sides[1])), value == "form-data" else {
                throw Malformed(reason: "a part's Content-Disposition must be form-data; name=\"…\", and stand once")
            }
            disposition = found
        }
        guard let disposition, let name = disposition["name"], !name.isEmpty else {
            throw Malformed(reason: "a part has no name in its Content-Disposition")
        }
        return (name, disposition["filename"])
    }

    /// `value; name=token; name="quoted"`: the value in lower case, and the parameters, each once.
    private static func parameters(of field: String) -> (value: String, parameters: [String: String])? {
        var rest = Substring(field).trimmed
        let value = rest.prefix { $0 != ";" }
        rest = rest[value.endIndex...]
        var parameters: [String: String] = [:]
        while rest.first == ";" {
            rest = rest.dropFirst().trimmed
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest[name.endIndex...]
            guard rest.first == "=", !name.isEmpty else { return nil }
            rest = rest.dropFirst()
            var text = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                var isClosed = false
                while !isClosed, let character = rest.popFirst() {
                    if character == "\"" {
                        isClosed = true
                    } else {
                        guard let next = character == "\\" ? rest.popFirst() : character else { return nil }
                        text.append(next)
                    }
                }
                guard isClosed else { return nil }
            } else {
                text = String(rest.prefix { $0 != ";" }.trimmed)
                rest = rest.drop { $0 != ";" }
            }
            guard parameters.updateValue(text, forKey: name.lowercased()) == nil else { return nil }
            rest = rest.trimmed
        }
        return rest.isEmpty ? (value.trimmed.lowercased(), parameters) : nil
    }

    /// Where a delimiter stands next. Its first byte, CR, occurs in it only once, so that after a mismatch nothing has to be
    /// looked at again.
    private static func find(_ delimiter: [UInt8], in body: [UInt8], from start: Int) -> Int? {
        var matched = 0
        for index in start..<body.count {
            if body[index] == delimiter[matched] {
                matched += 1
                if matched == delimiter.count { return index + 1 - matched }
            } else {
                matched = body[index] == delimiter[0] ? 1 : 0
            }
        }
        return nil
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
