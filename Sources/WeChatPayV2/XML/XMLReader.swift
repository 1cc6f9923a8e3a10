import CLibXML2
import WeChatPay

/// Reads the flat XML documents of API v2 with libxml2's SAX parser, and refuses everything else that XML can be.
///
/// A DOCTYPE, entities beyond the five, attributes, namespaces, processing instructions, comments, a name that comes twice, a
/// third level, bytes that are not UTF-8, NUL and other control characters: none of them is in any document of WeChat's, and
/// each of them has been used against a reader. What is verified is exactly what is decoded, since both come from here.
public enum XMLReader {
    /// Bytes that a document may have.
    public static let maximumBytes = 65_536
    /// Elements that a document may have below its root.
    public static let maximumElements = 200
    /// Bytes that an element's name may have.
    public static let maximumNameBytes = 64

    /// Reads one document.
    ///
    /// - Parameters:
    ///   - bytes: the whole document, as it came.
    ///   - root: the name of the outermost element: `xml`, and `root` within a refund notification.
    /// - Throws: ``WeChatPayError`` `malformed`; the text names what was refused and never quotes a value.
    public static func read(_ bytes: [UInt8], root: String = "xml") throws(WeChatPayError) -> XMLFields {
        guard bytes.count <= maximumBytes else {
            throw WeChatPayError(.malformed, "XML: \(bytes.count) bytes, more than \(maximumBytes)")
        }
        // UTF-16 has NULs in every tag, so this leaves UTF-8 and what declares another encoding, which is looked at below.
        guard !bytes.contains(0) else { throw WeChatPayError(.malformed, "XML: a NUL byte, or not UTF-8") }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var start = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        while start < bytes.count, isBlank(bytes[start]) { start += 1 }
        guard start < bytes.count else { throw WeChatPayError(.malformed, "XML: the document is empty") }
        guard bytes[start] == UInt8(ascii: "<") else {
            throw WeChatPayError(.malformed, "XML: the document does not begin with an element")
        }
        try checkEncoding(bytes[start...])
        var document = Document(root: root, capacity: bytes.count - start)
        try Document.parse(bytes[start...], into: &document)
        return document.fields
    }

    /// Refuses an XML declaration that names another encoding than UTF-8. libxml2 is told to overlook what it names: its
    /// converters complain on standard error about what they cannot read, which would be anybody's way into a log.
    private static func checkEncoding(_ document: ArraySlice<UInt8>) throws(WeChatPayError) {
        guard document.starts(with: "<?xml".utf8), let end = document.firstIndex(of: UInt8(ascii: ">")) else { return }
        let declaration = String(decoding: document[..<end], as: UTF8.self)
        guard let name = declaration.firstRange(of: "encoding") else { return }
        let quoted = declaration[name.upperBound...].split(omittingEmptySubsequences: false) { $0 == "\"" || $0 == "'" }
        guard quoted.count > 1, quoted[1].lowercased() == "utf-8" else {
            throw WeChatPayError(.malformed, "XML: the encoding is not UTF-8")
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}

/// One document while it is read. A struct behind a pointer: of an object's properties each access would be checked, which
/// takes a third of the time.
private struct Document {
    var fields = XMLFields()
    private let root: String
    private var depth = 0
    private var isFinished = false
    private var name = 0..<0
    private var head: UInt64 = 0
    private var valueStart = 0
    private var refusal: String?
    private var context: xmlParserCtxtPtr?

    init(root: String, capacity: Int) {
        self.root = root
        fields.bytes.reserveCapacity(capacity)
        fields.fields.reserveCapacity(32)
    }

    static func parse(_ bytes: ArraySlice<UInt8>, into document: inout Document) throws(WeChatPayError) {
        let (status, isWellFormed) = withUnsafeMutablePointer(to: &document) { document -> (Int32, Bool) in
            _ = libraryIsReady
            var handler = saxHandler
            guard let context = xmlCreatePushParserCtxt(&handler, document, nil, 0, nil) else {
                document.pointee.refusal = "libxml2 has no memory for a parser"
                return (0, false)
            }
            document.pointee.context = context
            defer {
                document.pointee.context = nil
                xmlFreeParserCtxt(context)
            }
            xmlCtxtUseOptions(context, options)
            let status = bytes.withUnsafeBytes { bytes in
                xmlParseChunk(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 1)
            }
            return (status, context.pointee.wellFormed == 1)
        }
        if let refusal = document.refusal { throw WeChatPayError(.malformed, "XML: \(refusal)") }
        guard status == 0, isWellFormed, document.isFinished else {
            throw WeChatPayError(.malformed, "XML: not well-formed (libxml2 error \(status))")
        }
    }

    private static let options = [XML_PARSE_NONET, XML_PARSE_NOERROR, XML_PARSE_NOWARNING, XML_PARSE_IGNORE_ENC]
        .reduce(0) { $0 | Int32($1.rawValue) }

    // MARK: What the parser says

    mutating func refuse(_ reason: String) {
        if refusal == nil { refusal = reason }
        xmlStopParser(context)
    }

    mutating func open(_ element: UnsafePointer<UInt8>, isPlain: Bool) {
        guard refusal == nil else { return }
        guard isPlain else { return refuse("an attribute or a namespace") }
        depth += 1
        let length = xmlStrlen(element)
        let text = UnsafeBufferPointer(start: element, count: Int(length))
        switch depth {
        case 1:
            if !text.elementsEqual(root.utf8) { refuse("the outermost element is not <\(root)>") }
        case 2:
            guard length <= XMLReader.maximumNameBytes else {
                return refuse("a name longer than \(XMLReader.maximumNameBytes) bytes")
            }
            guard fields.fields.count < XMLReader.maximumElements else {
                return refuse("more than \(XMLReader.maximumElements) elements")
            }
            if fields.index(of: text) != nil { return refuse("an element comes twice") }
            head = XMLFields.head(text)
            name = fields.append(text)
            valueStart = fields.bytes.count
        default:
            refuse("more than one level of elements")
        }
    }

    mutating func close() {
        guard refusal == nil else { return }
        if depth == 2 { fields.fields.append(.init(name: name, value: valueStart..<fields.bytes.count, head: head)) }
        depth -= 1
        if depth == 0 { isFinished = true }
    }

    mutating func characters(_ text: UnsafeBufferPointer<UInt8>) {
        guard refusal == nil else { return }
        if depth == 2 {
            fields.bytes.append(contentsOf: text)
        } else if !text.allSatisfy(XMLReader.isBlank) {
            refuse("text between the elements")
        }
    }
}

/// libxml2's own tables, once a process, before any thread parses.
private let libraryIsReady: Void = xmlInitParser()

private func document(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Document>? {
    context?.assumingMemoryBound(to: Document.self)
}

private func take(_ context: UnsafeMutableRawPointer?, _ text: UnsafePointer<UInt8>?, _ length: Int32) {
    guard let text else { return }
    document(context)?.pointee.characters(UnsafeBufferPointer(start: text, count: Int(length)))
}

private nonisolated(unsafe) let saxHandler: xmlSAXHandler = {
    var handler = xmlSAXHandler()
    handler.initialized = UInt32(XML_SAX2_MAGIC)
    handler.startElementNs = { context, name, prefix, _, namespaces, _, attributes, _, _ in
        guard let name else { return }
        document(context)?.pointee.open(name, isPlain: prefix == nil && namespaces == 0 && attributes == 0)
    }
    handler.endElementNs = { context, _, _, _ in document(context)?.pointee.close() }
    handler.characters = { take($0, $1, $2) }
    handler.cdataBlock = { take($0, $1, $2) }
    handler.ignorableWhitespace = { take($0, $1, $2) }
    handler.internalSubset = { context, _, _, _ in document(context)?.pointee.refuse("a DOCTYPE") }
    handler.reference = { context, _ in document(context)?.pointee.refuse("an entity beyond the five") }
    handler.processingInstruction = { context, _, _ in document(context)?.pointee.refuse("a processing instruction") }
    // Errors are asked for when it has ended; printed they would be read by nobody.
    handler.serror = { _, _ in }
    handler.comment = { context, _ in document(context)?.pointee.refuse("a comment") }
    return handler
}()
