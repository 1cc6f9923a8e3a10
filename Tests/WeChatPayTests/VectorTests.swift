import Crypto
import Foundation
import Testing

@testable import WeChatPay

@Suite("Published vectors")
struct VectorTests {
    private func digest(_ bytes: [UInt8]) -> String { Hex.lower(SHA256.hash(data: bytes)) }

    @Test("the sign string of GET /v3/certificates has the published bytes")
    func certificatesRequest() {
        let string = SignString.request(
            method: "GET", path: "/v3/certificates", timestamp: 1_554_208_460, nonce: "593BEC0C930BF1AFEB40B4A08C8FB242", body: []
        )
        #expect(
            String(decoding: string, as: UTF8.self) == "GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n")
        #expect(string.count == 66)
        #expect(digest(string) == "fab5c8a222049f386cb01453c7dc712c7997e756271557b0ef6e2e5060575373")
    }

    @Test("the sign string of the payment parameters has the published bytes, and is not the one of an app")
    func paymentParameters() {
        let id = "wx201410272009395522657a690389285100"
        let string = SignString.payment(
            appid: "wx2421b1c4370ec43b", timestamp: "1554208460", nonce: "593BEC0C930BF1AFEB40B4A08C8FB242",
            package: "prepay_id=\(id)")
        #expect(string.count == 110)
        #expect(digest(string) == "bf5c0eab11b7710ea376aaa5038ad079fb8175af60d6cbf676fa3bcc4d218bcb")
        let app = SignString.payment(
            appid: "wx2421b1c4370ec43b", timestamp: "1554208460", nonce: "593BEC0C930BF1AFEB40B4A08C8FB242", package: id)
        #expect(app.count == 100)
        #expect(digest(app) == "24bea8d9042023a0a50bdf8580f0e52570033d68244bd66ec63df7cc25a9073c")
    }

    @Test("the sign string of an answer without body (204) has the published bytes")
    func emptyAnswer() {
        let string = SignString.answer(timestamp: "1554209980", nonce: "c5ac7061fccab6bf3e254dcf98995b8c", body: [])
        #expect(string.count == 45)
        #expect(digest(string) == "b1cab5cc6396ec26ebb5e9a88541418a3a85febbf50e2974879049e928c54373")
    }

    @Test("AES-256-GCM opens and seals the published text")
    func aes256() throws {
        let key = Secret("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb")
        let opened = try AESGCM.open(
            base64: "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", nonce: "uluk4a9R25RW", associatedData: "associatedData", key: key)
        #expect(String(decoding: opened, as: UTF8.self) == "message")
        #expect(
            try AESGCM.seal(Array("message".utf8), nonce: "uluk4a9R25RW", associatedData: "associatedData", key: key)
                == "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=")
    }

    @Test("AES-128-GCM opens the published text")
    func aes128() throws {
        let opened = try AESGCM.open(
            base64: "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC", nonce: "wCq51qZv4Yfg",
            associatedData: "Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8", key: Secret("testAPIv3Key0000"))
        #expect(String(decoding: opened, as: UTF8.self) == "Hello World")
    }

    @Test(
        "AES-GCM refuses another key, nonce, associated data or ciphertext, and what is not Base64",
        arguments: [
            ("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "uluk4a9R25RW", "associatedData", "b7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "vluk4a9R25RW", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "uluk4a9R25R", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "uluk4a9R25RW", "", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("vlwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "uluk4a9R25RW", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("ulwSiIajGClcvcOYvOQ7", "uluk4a9R25RW", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("WECHATPAY/SIGNTEST/%", "uluk4a9R25RW", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("", "uluk4a9R25RW", "associatedData", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"),
            ("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=", "uluk4a9R25RW", "associatedData", "short"),
        ])
    func aesRefuses(text: String, nonce: String, aad: String, key: String) {
        #expect(throws: WeChatPayError.decryptionFailed) {
            try AESGCM.open(base64: text, nonce: nonce, associatedData: aad, key: Secret(key))
        }
    }

    @Test("RSA-SHA256 signs byte for byte as OpenSSL does, from PKCS#8 and PKCS#1")
    func rsa() throws {
        for pem in [Fixtures.merchantKeyPEM, Fixtures.merchantKeyPKCS1] {
            let key = try MerchantPrivateKey(pem: pem)
            let signature = try key.signature(for: Array("source".utf8))
            #expect(Data(signature).base64EncodedString() == Fixtures.sourceSignature)
            #expect(key.publicKey.isValid(signature: signature, for: Array("source".utf8)))
            #expect(!key.publicKey.isValid(signature: signature, for: Array("Source".utf8)))
            #expect(!key.publicKey.isValid(signature: [], for: Array("source".utf8)))
            #expect(!key.publicKey.isValid(signature: Array(signature.dropLast()), for: Array("source".utf8)))
        }
    }

    @Test("vector 7: the signature over `source` that WeChat's Go client publishes verifies with its test key's public half")
    func publishedSignature() throws {
        let key = try RSAVerificationKey(
            pem: """
                -----BEGIN PUBLIC KEY-----
                MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt
                /V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+
                U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4
                SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oU
                xwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmd
                a7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT
                8wIDAQAB
                -----END PUBLIC KEY-----
                """)
        let signature = try #require(
            Data(
                base64Encoded:
                    "BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6"
                    + "pHU4ld815U4jsKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqI"
                    + "MzoZUguLli/K8V29QiOhuH6IEqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51"
                    + "qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg=="))
        #expect(key.isValid(signature: Array(signature), for: Array("source".utf8)))
        #expect(!key.isValid(signature: Array(signature), for: Array("source\n".utf8)))
    }

    @Test("keys that are none, too short or of another kind are refused")
    func badKeys() {
        for pem in ["", "no pem", Fixtures.ellipticKeyPEM, Fixtures.smallKeyPEM, Fixtures.publicKeyPEM] {
            #expect(throws: WeChatPayError(.invalidKey, "")) { try MerchantPrivateKey(pem: pem) }
        }
        #expect(throws: WeChatPayError(.invalidKey, "")) {
            try WeChatPayPublicKey(id: Fixtures.publicKeyID, pem: Fixtures.currentCertificate)
        }
        #expect(throws: WeChatPayError(.invalidKey, "")) { try PlatformCertificate(pem: Fixtures.publicKeyPEM) }
    }

    @Test("a platform certificate shows serial and validity as WeChat writes them")
    func certificate() throws {
        let certificate = try PlatformCertificate(pem: Fixtures.currentCertificate)
        #expect(certificate.serialNo == Fixtures.currentSerial)
        #expect(certificate.effectiveTime == Timestamp(rfc3339: "2023-01-01T00:00:00Z"))
        #expect(certificate.expireTime == Timestamp(rfc3339: "2028-01-01T00:00:00Z"))
        #expect(try PlatformCertificate(pem: Fixtures.nextCertificate).serialNo == Fixtures.nextSerial)
    }
}
