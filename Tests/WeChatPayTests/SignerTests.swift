import Foundation
import Testing

@testable import WeChatPay

@Suite("The merchant's key")
struct SignerTests {
    @Test("The fastest signer gives the same bytes as swift-crypto's, for random messages")
    func sameBytes() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let random = SeededRandom(seed)
        let fastest = try MerchantPrivateKey.fastestSigner(pem: Fixtures.merchantKeyPEM)
        for _ in 0..<100 {
            let message = random.bytes(Int(random.bytes(1)[0]) * 8)
            let signature = try fastest.signature(for: message)
            #expect(try signature == Platform.merchant.signature(for: message), "seed \(seed)")
            #expect(Platform.merchant.publicKey.isValid(signature: signature, for: message), "seed \(seed)")
        }
    }

    @Test("Both read PKCS#1 and refuse what is no RSA key of 2048 bits", arguments: [false, true])
    func reading(_ isFastest: Bool) throws {
        func read(_ pem: String) throws -> any RSASigner {
            isFastest ? try MerchantPrivateKey.fastestSigner(pem: pem) : try MerchantPrivateKey(pem: pem)
        }
        #expect(
            try read(Fixtures.merchantKeyPKCS1).signature(for: [1]) == Platform.merchant.signature(for: [1]))
        let cut = Fixtures.merchantKeyPEM.replacingOccurrences(of: "MIIEvA", with: "MIIEvB")
        for pem in ["", "x", cut, Fixtures.publicKeyPEM, Fixtures.currentCertificate, Self.ellipticKey, Self.shortKey] {
            do {
                _ = try read(pem)
                Issue.record("it was read")
            } catch {
                #expect((error as? WeChatPayError)?.code == .invalidKey)
                #expect(!"\(error)".contains("MII"))
            }
        }
    }

    @Test("The fastest signer decrypts as the other does, and refuses what is not for it")
    func decrypting() throws {
        let fastest = try MerchantPrivateKey.fastestSigner(pem: Fixtures.merchantKeyPEM)
        let sealed = try Platform.merchant.publicKey.encrypt(Array("张三".utf8))
        #expect(try fastest.decrypt(sealed) == Array("张三".utf8))
        #expect(throws: (any Error).self) { try fastest.decrypt(Platform.next.publicKey.encrypt([1])) }
        #expect(throws: (any Error).self) { try fastest.decrypt([]) }
        // What a failure leaves behind must not spoil the next operation.
        #expect(try fastest.signature(for: [1]) == Platform.merchant.signature(for: [1]))
    }

    @Test("One key signs in many tasks at once")
    func concurrently() async throws {
        let fastest = try MerchantPrivateKey.fastestSigner(pem: Fixtures.merchantKeyPEM)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let message = [UInt8](repeating: UInt8(number), count: number)
                    return try fastest.signature(for: message) == Platform.merchant.signature(for: message)
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test("Neither description nor dump of a key shows it")
    func secrecy() throws {
        let fastest = try MerchantPrivateKey.fastestSigner(pem: Fixtures.merchantKeyPEM)
        var text = "\(fastest) \(String(reflecting: fastest))"
        dump(fastest, to: &text)
        #expect(!text.contains("MII"))
        #expect(text.contains("***"))
    }

    #if OpenSSLSigning && canImport(COpenSSL)
        @Test("With the trait OpenSSLSigning it is OpenSSL that signs")
        func isOpenSSL() throws {
            #expect(try MerchantPrivateKey.fastestSigner(pem: Fixtures.merchantKeyPEM) is OpenSSLPrivateKey)
        }
    #endif

    private static let ellipticKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwihys/NdhsttYTKk
        Em58TWT7AFsyvjYAQds7kXBEmR2hRANCAASzMmEgDXB15/T3vL/ap0rdZ9ztSUnz
        jj1WPTVJGMIMIcJKRZbak5Jw1nAm7WtOFwekmYUGD1/FzPfHlS5LF6ZO
        -----END PRIVATE KEY-----
        """
    private static let shortKey = """
        -----BEGIN PRIVATE KEY-----
        MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAKK1yTTnNBR8WftE
        mjAlInC/Q7/yutGXCI0gjjqauLZMZiedHqoQwOppaTCDvjjagqtA9510TVcMkNlH
        3BOSjCniWPte3q5KhtBuCxZ2vrzlrkeHTAZn/MIXXDeI9fFHy3ZlO/O00wnevKI9
        heYSpDaMyNwovcTG7i+yvw88bJJHAgMBAAECgYEAlGtoJ0bDPfCUj9xrHYGyIdCG
        N2Btw2OW3E0XECQ0W63i/T2YTB9OKkWPOz7hVLEVwqtXc5w0NDR1KI4hFQV3rgRd
        pdRMySv3IApKcjw1TSkwraiizX7k0pI08SYv338dKqwySJTIwN+v7CnlCeESpPl4
        0wAzuwB6bohGB0LFfkECQQDVmCRiAKxAKwIJeUR4BvtuxV5EVkMQnJcDYyZGXyW+
        WXtoQB/1UaGGriSVLDFKHc6Wy2KLbb0GNS9qf0sbvkThAkEAwwN4tGQX3k9Eg5JE
        hskVqBjSeV+JBImcQBzV/zG0SLlauMEJU+/iPfCTSuWgfkjt4oyjh44v3CPuFW7V
        uF6UJwJBAMUXC1NnHYpkZQ/K11QN1UpEUpSqKF4Wr/4PKk07FL/NH+N1cEfUmECH
        Rfhj++NRF8TrTTYs/4PP5b3WUb761eECQQC0YF+jKvnQzKzorb/ok9IOO3digHUx
        1z7JJmLhuk2w/pDlVteT5cvz0rPKkP6UEEzIQaF4XpHyIuGyvWO9Nu39AkEAyEnH
        8wtmi2JTwbg3KRyO2+4LczTUHYondZt/ZXlFG4GAlpj8aNFHicoZ0pAlcmYq6K7w
        WrwUSaSff7shUaBoLg==
        -----END PRIVATE KEY-----
        """
}
