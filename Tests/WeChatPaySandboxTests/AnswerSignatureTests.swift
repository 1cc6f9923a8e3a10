import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("Signatures of answers")
struct AnswerSignatureTests {
    private func verifies(_ reply: Caller.Reply, _ merchant: SandboxMerchant, publicKey: Bool) throws -> Bool {
        let pem = publicKey ? merchant.publicKeyPrivatePEM : merchant.platformPrivateKeyPEM
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: pem).publicKey
        let stamp = try #require(reply.header("Wechatpay-Timestamp"))
        let nonce = try #require(reply.header("Wechatpay-Nonce"))
        let signature = try #require(Data(base64Encoded: reply.header("Wechatpay-Signature") ?? ""))
        #expect(reply.header("Wechatpay-Signature-Type") == "WECHATPAY2-SHA256-RSA2048")
        #expect(reply.header("Wechatpay-Serial") == (publicKey ? merchant.publicKeyID : merchant.platformSerial))
        return key.isValidSignature(
            .init(rawRepresentation: signature), for: SHA256.hash(data: Data("\(stamp)\n\(nonce)\n\(reply.body)\n".utf8)),
            padding: .insecurePKCS1v1_5)
    }

    @Test("Every answer to a signed request is signed: success, 204 and errors")
    func everyAnswer() async throws {
        let caller = try makeSandbox()
        let paths = ["/v3/certificates", "/v3/nothing", "/v3/pay/transactions/out-trade-no/UNKNOWN1?mchid=1900000001"]
        for (path, status) in zip(paths, [200, 404, 404]) {
            let reply = try await caller.send("GET", path)
            #expect(reply.status == status)
            #expect(try verifies(reply, caller.merchant, publicKey: false))
            #expect(reply.header("Content-Type") == "application/json; charset=utf-8")
        }
        #expect(try verifies(try await caller.prepay(), caller.merchant, publicKey: false))
        let closed = try await caller.close()
        #expect(closed.status == 204)
        #expect(closed.body.isEmpty)
        #expect(try verifies(closed, caller.merchant, publicKey: false))
        let wrong = try await caller.prepay("ORDER0002", ["amount/total": .integer(0)])
        #expect(wrong.status == 400)
        #expect(try verifies(wrong, caller.merchant, publicKey: false))
    }

    @Test(
        "The key mode and the request's Wechatpay-Serial choose the key",
        arguments: [
            (0, "", false), (0, "platform", false), (0, "public", true), (1, "", true), (1, "platform", true),
            (1, "public", true), (2, "", false), (2, "public", false),
        ])
    func keyModes(_ index: Int, _ asks: String, _ publicKey: Bool) async throws {
        let caller = try makeSandbox(merchant: index)
        let serial = ["platform": caller.merchant.platformSerial, "public": caller.merchant.publicKeyID][asks] ?? ""
        let mchid = caller.merchant.mchid
        let path =
            caller.merchant.role == .partner
            ? "/v3/pay/partner/transactions/out-trade-no/UNKNOWN1?sp_mchid=\(mchid)&sub_mchid=1900000101"
            : "/v3/pay/transactions/out-trade-no/UNKNOWN1?mchid=\(mchid)"
        let reply = try await caller.send("GET", path, headers: ["Wechatpay-Serial": serial])
        #expect(reply.status == 404)
        #expect(try verifies(reply, caller.merchant, publicKey: publicKey))
    }

    @Test("The certificate opens with the v3 key, and is the one that signs")
    func certificates() async throws {
        let caller = try makeSandbox()
        let reply = try await caller.send("GET", "/v3/certificates")
        let entry = try #require(reply.json["data"]?.array?.first)
        let sealed = try #require(entry["encrypt_certificate"])
        let pem = try open(sealed, caller.merchant)
        #expect(pem == caller.merchant.platformCertificatePEM)
        #expect(sealed["nonce"]?.string?.utf8.count == 12)
        #expect(sealed["associated_data"]?.string == "certificate")
        #expect(entry["serial_no"]?.string == caller.merchant.platformSerial)
        #expect(entry["serial_no"]?.string?.count == 40)
        #expect(entry["effective_time"]?.string == "2020-01-01T08:00:00+08:00")
        #expect(entry["expire_time"]?.string == "2060-01-01T08:00:00+08:00")
    }

    @Test("A merchant of the public key alone has no certificates")
    func publicKeyOnly() async throws {
        let caller = try makeSandbox(merchant: 1)
        let reply = try await caller.send("GET", "/v3/certificates")
        #expect(reply.status == 404)
        #expect(reply.code == "RESOURCE_NOT_EXISTS")
        #expect(reply.message?.hasPrefix("无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥") == true)
        #expect(try verifies(reply, caller.merchant, publicKey: true))
    }

    @Test("Headers carry WeChat's exact spelling")
    func spelling() async throws {
        let caller = try makeSandbox()
        let names = try await caller.send("GET", "/v3/certificates").headers.map(\.name.rawName)
        for name in [
            "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Signature-Type",
            "Request-ID", "Content-Type", "Content-Language", "Cache-Control", "X-Content-Type-Options", "Server", "Keep-Alive",
        ] { #expect(names.contains(name)) }
    }
}

/// Opens an encrypted resource.
func open(_ sealed: JSONValue, _ merchant: SandboxMerchant) throws -> String {
    #expect(sealed["algorithm"]?.string == "AEAD_AES_256_GCM")
    let bytes = try #require(Data(base64Encoded: sealed["ciphertext"]?.string ?? ""))
    let nonce = try AES.GCM.Nonce(data: Data((sealed["nonce"]?.string ?? "").utf8))
    let box = try AES.GCM.SealedBox(nonce: nonce, ciphertext: bytes.dropLast(16), tag: bytes.suffix(16))
    let key = merchant.apiV3Key.withBytes { SymmetricKey(data: $0) }
    let plain = try AES.GCM.open(box, using: key, authenticating: Data((sealed["associated_data"]?.string ?? "").utf8))
    return String(decoding: plain, as: UTF8.self)
}
