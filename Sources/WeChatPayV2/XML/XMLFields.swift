/// The elements of one flat XML document, in the order in which they came, each name once.
///
/// Everything that API v2 says is such a document: `<xml>` with one level of children, no attributes. The values are kept
/// as the bytes that were read, since the signature is over these.
public struct XMLFields: Sendable {
    /// Where a field lies in `bytes`.
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
        /// The first eight bytes of the name as a number: two names are told apart, and sorted, mostly by this.
        let head: UInt64
    }

    /// All names and values, one behind the other.
    var bytes: [UInt8] = []
    var fields: [Field] = []

    /// No fields yet.
    public init() {}

    /// The number of elements, empty ones included.
    public var count: Int { fields.count }

    /// The names of all elements, in document order.
    public var names: [String] { fields.map { text($0.name) } }

    /// The text of the element with this name, empty when the element is; nil when there is no such element.
    ///
    /// Setting replaces the element in its place or adds one at the end; setting nil removes it.
    public subscript(name: String) -> String? {
        get { index(of: name).map { text(fields[$0].value) } }
        set {
            let index = index(of: name)
            guard let newValue else {
                if let index { fields.remove(at: index) }
                return
            }
            if let index {
                fields[index].value = append(newValue)
            } else {
                var written = name
                let head = written.withUTF8 { Self.head($0) }
                let place = append(name)
                fields.append(Field(name: place, value: append(newValue), head: head))
            }
        }
    }

    /// All elements as names and texts, in document order.
    public var elements: [(name: String, value: String)] { fields.map { (text($0.name), text($0.value)) } }

    /// The name of the first element whose value's bytes are as asked.
    func firstName(where isAsked: (ArraySlice<UInt8>) -> Bool) -> String? {
        fields.first { isAsked(bytes[$0.value]) }.map { text($0.name) }
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return start..<bytes.count
    }

    private mutating func append(_ text: String) -> Range<Int> {
        var text = text
        return text.withUTF8 { append($0) }
    }

    func index(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { index(of: $0) }
    }

    func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let head = Self.head(name)
        return bytes.withUnsafeBufferPointer { bytes in
            fields.withUnsafeBufferPointer { fields in
                for index in fields.indices where fields[index].head == head && fields[index].name.count == name.count {
                    if name.count <= 8 { return index }
                    let start = fields[index].name.lowerBound
                    var place = 8
                    while place < name.count, bytes[start + place] == name[place] { place += 1 }
                    if place == name.count { return index }
                }
                return nil
            }
        }
    }

    static func head(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var head: UInt64 = 0
        for place in 0..<8 { head = head << 8 | (place < name.count ? UInt64(name[place]) : 0) }
        return head
    }

    private func text(_ range: Range<Int>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }
}

extension XMLFields: Equatable {
    /// Equal when the same elements come in the same order with the same bytes.
    public static func == (left: XMLFields, right: XMLFields) -> Bool {
        left.count == right.count
            && zip(left.fields, right.fields).allSatisfy {
                left.bytes[$0.name] == right.bytes[$1.name] && left.bytes[$0.value] == right.bytes[$1.value]
            }
    }
}
