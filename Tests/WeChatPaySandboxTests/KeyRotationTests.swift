import CryptoExtras
import Foundation
import HTTPTypes
import NIOSSL
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Rotation of WeChat's keys")
struct KeyRotationTests {
    private func serials(_ reply: Caller.Reply) -> [String] {
        reply.json["data"]?.array?.compactMap { $0["serial_no"]?.string } ?? []
    }

    /// Whether a reply is signed by the certificate that it names, out of those that were handed out.
    private func verifies(_ reply: Caller.Reply, _ keys: SandboxKeys) throws -> Bool {
        let serial = reply.header("Wechatpay-Serial")
        let pem = try #require(keys.certificates.first { $0.serialNo == serial }?.pem)
        let key = try verificationKey(ofCertificate: pem)
        let text = "\(reply.header("Wechatpay-Timestamp") ?? "")\n\(reply.header("Wechatpay-Nonce") ?? "")\n\(reply.body)\n"
        let signature = Data(base64Encoded: reply.header("Wechatpay-Signature") ?? "").map(Array.init) ?? []
        return key.isValid(signature: signature, for: Array(text.utf8))
    }

    @Test("A new certificate is listed at once and signs its share, and all of it at share 1")
    func certificates() async throws {
        let caller = try makeSandbox()
        let old = caller.merchant.platformSerial
        let keys = try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 0)
        #expect(keys.certificates.count == 2)
        let new = try #require(keys.certificates.last?.serialNo)
        #expect(new.count == 40)
        #expect(keys.certificates.last?.expireTime == caller.clock.now.advanced(by: .seconds(5 * 365 * 86_400)))
        let list = try await caller.send("GET", "/v3/certificates")
        #expect(serials(list) == [old, new])
        let entry = try #require(list.json["data"]?.array?.last?["encrypt_certificate"])
        #expect(try open(entry, caller.merchant) == keys.certificates.last?.pem)
        #expect(list.header("Wechatpay-Serial") == old)

        try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 0.3)
        var count = 0
        for _ in 0..<200 {
            let reply = try await caller.query()
            #expect(try verifies(reply, keys))
            if reply.header("Wechatpay-Serial") == new { count += 1 }
        }
        #expect((30...90).contains(count), "seed 7: \(count) of 200 at a share of 0.3")

        let whole = try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 1)
        #expect(whole.certificates.map(\.share) == [0, 1])
        for _ in 0..<20 { #expect(try await caller.query().header("Wechatpay-Serial") == new) }
        // The next one takes the place of the oldest.
        let next = try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 0.5)
        #expect(next.certificates.first?.serialNo == new)
        #expect(next.certificates.count == 2)
        #expect(!next.certificates.contains { $0.serialNo == old })
    }

    @Test("Requests may name the old certificate, the new one and the public key in Wechatpay-Serial")
    func encryptedFields() async throws {
        let caller = try makeSandbox(strict: true)
        let keys = try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 0.5)
        for serial in keys.certificates.map(\.serialNo) + [keys.publicKeyID] {
            let reply = try await caller.send("GET", "/v3/certificates", headers: ["Wechatpay-Serial": serial])
            #expect(reply.status == 200, "\(serial)")
        }
        let other = try await caller.send(
            "GET", "/v3/certificates", headers: ["Wechatpay-Serial": String(repeating: "A", count: 40)])
        #expect(other.code == "PARAM_ERROR")
    }

    @Test("Fields that are encrypted for the certificate of a rotation are read, those for one that was replaced are not")
    func encryptedForTheNewCertificate() async throws {
        let caller = try makeSandbox()
        try await caller.buy()
        try caller.sandbox.setRefundOutcome(mchid: "1900000001", outRefundNo: "REFUND1", .abnormal)
        let id = try #require(try await caller.refund("REFUND1", 40).json["refund_id"]?.string)
        try await caller.sandbox.advanceClock(by: 5)
        func apply(_ serial: String, _ certificate: String) async throws -> Caller.Reply {
            let der = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem).extractPublicKey().toSPKIBytes()
            let key = try _RSA.Encryption.PublicKey(derRepresentation: der)
            func sealed(_ text: String) throws -> JSONValue {
                .string(try key.encrypt(Data(text.utf8), padding: .PKCS1_OAEP).base64EncodedString())
            }
            let body = JSONValue.record(
                ("out_refund_no", "REFUND1"), ("type", "USER_BANK_CARD"), ("bank_type", "ICBC_DEBIT"),
                ("bank_account", try sealed("6222020000000403")), ("real_name", try sealed("张三")))
            return try await caller.send(
                "POST", "\(Caller.refunds)/\(id)/apply-abnormal-refund", body.json, headers: ["Wechatpay-Serial": serial])
        }
        let replaced = try #require(
            try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 1).certificates.first)
        let keys = try caller.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 1)
        #expect(try await apply(replaced.serialNo, replaced.pem).code == "PARAM_ERROR")
        for certificate in keys.certificates {
            let reply = try await apply(certificate.serialNo, certificate.pem)
            #expect(reply.json["user_received_account"]?.string == "ICBC_DEBIT0403", "\(certificate.serialNo): \(reply.body)")
        }
    }

    @Test("The switch to the public key: answers by what is asked for, notifications by share, at 1 no certificates any more")
    func publicKey() async throws {
        let caller = try makeSandbox(merchant: 2)
        let mchid = caller.merchant.mchid
        let asked = ["Wechatpay-Serial": caller.merchant.publicKeyID]
        let path = "/v3/pay/transactions/out-trade-no/UNKNOWN1?mchid=\(mchid)"
        #expect(try await caller.send("GET", path, headers: asked).header("Wechatpay-Serial") == caller.merchant.platformSerial)

        let keys = try caller.sandbox.rotateKeys(mchid: mchid, to: .publicKey, share: 0.5)
        #expect(keys.keyMode == .migrating)
        #expect(try await caller.send("GET", path, headers: asked).header("Wechatpay-Serial") == caller.merchant.publicKeyID)
        #expect(try await caller.send("GET", path).header("Wechatpay-Serial") == caller.merchant.platformSerial)
        #expect(serials(try await caller.send("GET", "/v3/certificates")) == [caller.merchant.platformSerial])
        let delivery = try await caller.sandbox.trigger(
            mchid: mchid, eventType: "TRANSACTION.SUCCESS", notifyURL: "https://pay.example.com/notify")
        var count = 0
        for _ in 0..<100 {
            let serial = try caller.sandbox.notification(deliveryID: delivery.id).head.headerFields[WireNames.serial]
            if serial == caller.merchant.publicKeyID { count += 1 } else { #expect(serial == caller.merchant.platformSerial) }
        }
        #expect((25...75).contains(count), "seed 7: \(count) of 100 at a share of 0.5")

        #expect(try caller.sandbox.rotateKeys(mchid: mchid, to: .publicKey, share: 1).keyMode == .publicKey)
        let list = try await caller.send("GET", "/v3/certificates")
        #expect(list.status == 404)
        #expect(list.header("Wechatpay-Serial") == caller.merchant.publicKeyID)
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.rotateKeys(mchid: mchid, to: .certificate, share: 1)
        }
    }

    @Test("Rotated keys survive a restart")
    func survives() async throws {
        let store = PersistenceTests.MemoryStore()
        let clock = ManualClock()
        let first = try makeSandbox(store: store, clock: clock)
        try first.sandbox.rotateKeys(mchid: "1900000001", to: .certificate, share: 1)
        let keys = try first.sandbox.rotateKeys(mchid: "1900000001", to: .publicKey, share: 0.25)
        let second = try makeSandbox(store: store, clock: clock)
        #expect(try second.sandbox.keys(mchid: "1900000001") == keys)
        let reply = try await second.query()
        #expect(reply.header("Wechatpay-Serial") == keys.certificates.last?.serialNo)
        #expect(try verifies(reply, keys))
    }

    @Test("What cannot be rotated is refused and changes nothing")
    func refuses() throws {
        let caller = try makeSandbox()
        let before = try caller.sandbox.keys(mchid: "1900000001")
        for share in [-0.1, 1.1, .nan] {
            #expect(throws: SandboxError(.invalidArgument, "")) {
                try caller.sandbox.rotateKeys(mchid: "1900000001", to: .publicKey, share: share)
            }
        }
        #expect(throws: SandboxError(.notFound, "")) {
            try caller.sandbox.rotateKeys(mchid: "1", to: .publicKey, share: 1)
        }
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.rotateKeys(mchid: "1900000002", to: .certificate, share: 1)
        }
        #expect(try caller.sandbox.keys(mchid: "1900000001") == before)
    }
}
