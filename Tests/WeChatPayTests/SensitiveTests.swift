import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Sensitive fields")
struct SensitiveTests {
    private let clock = JumpingClock()

    @Test("A text is encrypted with the preferred public key, and only its owner reads it")
    func publicKey() async throws {
        let client = try testClient(neverCalled, clock: clock, publicKeys: [testPublicKey()])
        let first = try await client.encrypt("张三")
        let second = try await client.encrypt("张三")
        #expect(first.serial == Fixtures.publicKeyID)
        #expect(first.ciphertext != second.ciphertext)
        for text in [first, second] {
            let sealed = Array(try #require(Data(base64Encoded: text.ciphertext)))
            #expect(String(decoding: try Platform.next.decrypt(sealed), as: UTF8.self) == "张三")
            #expect(throws: (any Error).self) { try Platform.current.decrypt(sealed) }
        }
    }

    @Test("Without a public key the platform certificate is taken, downloaded if need be")
    func certificate() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in
            try platform.certificates([(Fixtures.currentSerial, Fixtures.currentCertificate)])
        }
        let client = try testClient(transport, clock: clock, certificates: [])
        let cipher = try await client.sensitiveCipher()
        #expect(cipher.serial == Fixtures.currentSerial)
        let sealed = Array(try #require(Data(base64Encoded: try cipher.encrypt("6222").ciphertext)))
        #expect(String(decoding: try Platform.current.decrypt(sealed), as: UTF8.self) == "6222")
        #expect(transport.paths == ["/v3/certificates"])
    }

    @Test("Without any key nothing is encrypted")
    func noKey() async throws {
        let failing = ScriptedTransport { _, _ in throw WeChatPayError(.timeout, "no answer") }
        let client = try testClient(failing, clock: clock, certificates: [])
        #expect(await code { _ = try await client.encrypt("x") } == .timeout)
    }

    @Test("A text of 214 bytes is the longest, an empty one is refused")
    func length() async throws {
        let client = try testClient(neverCalled, clock: clock, publicKeys: [testPublicKey()])
        _ = try await client.encrypt(String(repeating: "a", count: 214))
        let error = await failure { _ = try await client.encrypt(String(repeating: "a", count: 215)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("at most 214") == true)
        #expect(await code { _ = try await client.encrypt("") } == .invalidArgument)
    }

    @Test("WeChat's fields are decrypted with the merchant's key, and nothing else is")
    func decrypt() throws {
        let client = try testClient(neverCalled, clock: clock)
        let sealed = Data(try Platform.merchant.publicKey.encrypt(Array("李四".utf8))).base64EncodedString()
        #expect(try client.decrypt(sealed) == "李四")
        let foreign = Data(try Platform.next.publicKey.encrypt(Array("李四".utf8))).base64EncodedString()
        let binary = Data(try Platform.merchant.publicKey.encrypt([0xFF, 0xFE])).base64EncodedString()
        for text in [foreign, binary, "", "AAAA", "not base64!"] {
            #expect(throws: WeChatPayError.decryptionFailed) { try client.decrypt(text) }
        }
    }

    @Test("A key that only signs cannot decrypt, and says so")
    func signerOnly() throws {
        struct Signer: RSASigner {
            func signature(for message: [UInt8]) throws -> [UInt8] { [] }
        }
        let merchant = try Merchant(
            mchid: "1900000001", serialNo: "1DDE", privateKey: Signer(), apiV3Key: Secret(Platform.apiV3Key))
        let client = try Client(merchant: merchant, transport: neverCalled, clock: clock)
        do throws(WeChatPayError) {
            _ = try client.decrypt("AAAA")
            Issue.record("it was decrypted")
        } catch {
            #expect(error.code == .invalidKey)
        }
    }
}
