import Testing
import WeChatPay
import WeChatPayV2

@Suite("Reading the XML of API v2")
struct XMLReaderTests {
    @Test("CDATA, escapes, bare integers and empty elements are read as they are, in their order")
    func values() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <xml>
              <a><![CDATA[a&b<c>]]></a> <b>1 &lt; 2 &amp;&#x4e2d;</b>
              <total_fee>100</total_fee><empty></empty><none/><split><![CDATA[x]]]]><![CDATA[>y]]></split>
            </xml>

            """
        let fields = try XMLReader.read(Array(text.utf8))
        #expect(fields.names == ["a", "b", "total_fee", "empty", "none", "split"])
        #expect(fields["a"] == "a&b<c>")
        #expect(fields["b"] == "1 < 2 &中")
        #expect(fields["total_fee"] == "100")
        #expect(fields["empty"] == "" && fields["none"] == "")
        #expect(fields["split"] == "x]]>y")
        #expect(fields["absent"] == nil)
    }

    @Test(
        "What WeChat never sends is refused",
        arguments: [
            "", "   ", "no xml", "<xml><a>1</a>", "<xml><a>1</b></xml>", "<xml/>x", "<other><a>1</a></other>",
            "<!DOCTYPE xml><xml><a>1</a></xml>",
            "<!DOCTYPE xml [<!ENTITY e \"x\">]><xml><a>&e;</a></xml>",
            "<!DOCTYPE xml SYSTEM \"file:///etc/passwd\"><xml><a>1</a></xml>",
            "<xml><a>&undefined;</a></xml>", "<xml><a b=\"1\">1</a></xml>", "<xml c=\"1\"><a>1</a></xml>",
            "<xml xmlns=\"urn:x\"><a>1</a></xml>", "<xml xmlns:p=\"urn:x\"><p:a>1</p:a></xml>", "<xml><p:a>1</p:a></xml>",
            "<xml><a><b>1</b></a></xml>", "<xml>text<a>1</a></xml>", "<xml><a>1</a><a>2</a></xml>",
            "<xml><a>1<!-- c --></a></xml>", "<xml><?php 1 ?><a>1</a></xml>", "<xml><a>\u{1}</a></xml>", "<xml><a>\0</a></xml>",
            "<xml><a>1</a></xml><xml><a>2</a></xml>", "<xml><a>&#0;</a></xml>",
            "<?xml version=\"1.0\" encoding=\"GBK\"?><xml><a>1</a></xml>",
            "<?xml version=\"1.0\" encoding=\"UTF-7\"?><xml><a>1</a></xml>",
            "<?xml version='1.0' encoding = 'EUC-JP' ?><xml><a>1</a></xml>",
            "<?xml version=\"1.0\" encoding=?><xml><a>1</a></xml>",
            "<?xml version=\"1.0\" encoding=\"\"?><xml><a>1</a></xml>",
            "<?xml version=\"1.0\" encoding=\"UTF-8<xml><a>1</a></xml>",
        ])
    func refused(text: String) {
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(Array(text.utf8)) }
    }

    @Test("UTF-8 may be named, in either case and quotes")
    func namedEncoding() throws {
        for declaration in [
            "version=\"1.0\" encoding=\"utf-8\"", "version='1.0' encoding = 'UTF-8' standalone='yes'", "version='1.0'",
        ] {
            #expect(try XMLReader.read(Array("<?xml \(declaration)?><xml><a>中</a></xml>".utf8))["a"] == "中")
        }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notUTF8() {
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8]] {
            let bytes = Array("<xml><a>".utf8) + bad + Array("</a></xml>".utf8)
            #expect(throws: WeChatPayError.malformed) { try XMLReader.read(bytes) }
        }
        let utf16 = "<xml><a>1</a></xml>".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read([0xFF, 0xFE] + utf16) }
    }

    @Test("Depth, number of elements, length of names and size have a limit")
    func limits() throws {
        let deep = String(repeating: "<a>", count: 20_000)
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(Array(("<xml>" + deep).utf8)) }
        func many(_ count: Int) -> [UInt8] {
            Array(("<xml>" + (0..<count).map { "<e\($0)>1</e\($0)>" }.joined() + "</xml>").utf8)
        }
        #expect(try XMLReader.read(many(XMLReader.maximumElements)).count == XMLReader.maximumElements)
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(many(XMLReader.maximumElements + 1)) }
        let name = String(repeating: "n", count: XMLReader.maximumNameBytes + 1)
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(Array("<xml><\(name)>1</\(name)></xml>".utf8)) }
        func long(_ count: Int) -> [UInt8] {
            Array("<xml><a>".utf8) + Array(repeating: UInt8(ascii: "x"), count: count) + Array("</a></xml>".utf8)
        }
        #expect(try XMLReader.read(long(XMLReader.maximumBytes - 18))["a"]?.utf8.count == XMLReader.maximumBytes - 18)
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(long(XMLReader.maximumBytes - 17)) }
    }

    @Test("Fields are set, replaced in their place, and removed")
    func setting() {
        var fields = XMLFields()
        fields["a"] = "1"
        fields["b"] = "2"
        fields["a"] = "中"
        #expect(fields.names == ["a", "b"])
        #expect(fields["a"] == "中")
        fields["a"] = nil
        #expect(fields.names == ["b"])
        fields["c"] = ""
        #expect(fields["c"] == "" && fields.count == 2)
    }
}
