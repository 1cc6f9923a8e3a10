import PaymentPrimitives
import Testing

@Suite("Secret")
struct SecretTests {
    @Test("nothing shows it")
    func hidden() {
        struct Holder { let key = Secret("s3cret") }
        var text =
            "\(Secret("s3cret")) \(String(reflecting: Secret("s3cret"))) \(Holder()) "
            + "\(String(describing: Optional(Secret("s3cret"))))"
        dump(Holder(), to: &text)
        dump([Secret("s3cret")], to: &text)
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("115"))
        #expect(text.contains("***"))
    }

    @Test("two are equal when their bytes are")
    func equality() {
        #expect(Secret("abc") == Secret([0x61, 0x62, 0x63]))
        #expect(Secret("abc") != Secret("abd"))
        #expect(Secret("abc") != Secret("ab"))
        #expect(Secret("") == Secret([UInt8]()))
        #expect(Secret("abc").withBytes { $0 } == [0x61, 0x62, 0x63])
        #expect(Secret("汉").count == 3)
    }

    @Test("blank is what has nothing but white space", arguments: ["", " ", "\t\n\r ", "a", " a "])
    func blank(text: String) {
        #expect(Secret(text).isBlank == !text.contains("a"))
    }
}
