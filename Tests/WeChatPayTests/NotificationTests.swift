import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Notifications")
struct NotificationTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }

    private func parse(_ headers: HTTPFields, _ body: [UInt8], certificates: [String] = [Fixtures.currentCertificate])
        async throws
        -> WeChatPay.Notification
    {
        let transport = ScriptedTransport { _, _ in unsigned(503, "down") }
        return try await testClient(transport, clock: clock, certificates: certificates).notifications.parse(
            headers: headers, body: body)
    }

    @Test("a payment is verified, opened and read")
    func payment() async throws {
        let body = try platform.notification(orderJSON())
        var headers = platform.headers(body)
        headers[.wechatpaySignatureType] = "WECHATPAY2-SHA256-RSA2048"
        let notification = try await parse(headers, body)
        #expect(notification.id == "EV-2018022511223320873")
        #expect(notification.createTime == Timestamp(seconds: 1_700_000_000))
        #expect(notification.eventType == .transactionSuccess)
        #expect(notification.resourceType == "encrypt-resource")
        #expect(notification.originalType == "transaction")
        #expect(notification.plaintext == Array(orderJSON().utf8))
        guard case .transaction(let transaction) = notification.resource else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.tradeState == .success)
        #expect(transaction.amount?.totalMoney == Money(fen: 100))
        #expect(transaction.amount?.payerMoney == Money(fen: 90))
        #expect(transaction.attach == nil)
    }

    @Test("events that are not known here come as raw bytes")
    func others() async throws {
        let other = try platform.notification(
            "{\"complaint_id\":\"1\"}", event: "COMPLAINT.CREATE", original: "complaint", aad: "")
        let complaint = try await parse(platform.headers(other), other)
        #expect(complaint.eventType == .complaintCreate && complaint.resource == .raw)
        #expect(complaint.plaintext == Array("{\"complaint_id\":\"1\"}".utf8))

        let new = try platform.notification(refundJSON, event: "REFUND.PAUSED", original: "refund", aad: "refund")
        let paused = try await parse(platform.headers(new), new)
        #expect(paused.eventType.isRefund && paused.resource == .raw)

        let untyped = try platform.notification(orderJSON(), original: nil, aad: "")
        #expect(try await parse(platform.headers(untyped), untyped).originalType == nil)
    }

    /// A notification on its way.
    struct Message {
        let platform: Platform
        var headers: HTTPFields
        var body: [UInt8]
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let number: Int
        let name: String
        let expected: WeChatPayError.Code
        let attack: @Sendable (inout Message) -> Void

        init(
            _ number: Int, _ name: String, _ expected: WeChatPayError.Code,
            _ attack: @escaping @Sendable (inout Message) -> Void
        ) {
            self.number = number
            self.name = name
            self.expected = expected
            self.attack = attack
        }

        var testDescription: String { "\(number) \(name)" }
    }

    static let rows: [Row] = [
        Row(1, "no signature header", .signatureMissing) { $0.headers[.wechatpaySignature] = nil },
        Row(1, "no timestamp header", .signatureMissing) { $0.headers[.wechatpayTimestamp] = nil },
        Row(1, "no nonce header", .signatureMissing) { $0.headers[.wechatpayNonce] = nil },
        Row(1, "no serial header", .signatureMissing) { $0.headers[.wechatpaySerial] = nil },
        Row(1, "no header at all", .signatureMissing) { $0.headers = [:] },
        Row(2, "empty signature", .signatureMissing) { $0.headers[.wechatpaySignature] = "" },
        Row(3, "signature not Base64", .signatureInvalid) { $0.headers[.wechatpaySignature] = "*** not base64 ***" },
        Row(3, "signature too short", .signatureInvalid) { $0.headers[.wechatpaySignature] = "AAAA" },
        Row(4, "one bit of the body flipped", .signatureInvalid) { $0.body[$0.body.count / 2] ^= 1 },
        Row(4, "a byte added", .signatureInvalid) { $0.body.append(0x20) },
        Row(5, "SIGNTEST", .signatureInvalid) {
            $0.headers[.wechatpaySignature] = "WECHATPAY/SIGNTEST/" + ($0.headers[.wechatpaySignature] ?? "").dropFirst(19)
        },
        Row(5, "SIGNTEST that is no Base64", .signatureInvalid) { $0.headers[.wechatpaySignature] = "WECHATPAY/SIGNTEST/x" },
        Row(6, "signed with the merchant's own key", .signatureInvalid) {
            var merchant = $0.platform
            merchant.key = Platform.merchant
            $0.headers = merchant.headers($0.body)
        },
        Row(6, "signed with the merchant's own key and serial", .unknownPlatformKey) {
            var merchant = $0.platform
            merchant.key = Platform.merchant
            merchant.serial = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"
            $0.headers = merchant.headers($0.body)
        },
        Row(7, "signature of ten thousand bytes", .signatureInvalid) {
            $0.headers[.wechatpaySignature] = String(repeating: "QUJD", count: 3334)
        },
        Row(8, "unknown serial", .unknownPlatformKey) { $0.headers[.wechatpaySerial] = Fixtures.nextSerial },
        Row(8, "serial that is none", .unknownPlatformKey) { $0.headers[.wechatpaySerial] = "a b\"c" },
        Row(8, "unknown public key", .unknownPlatformKey) { $0.headers[.wechatpaySerial] = Fixtures.publicKeyID },
        Row(10, "timestamp 301 s old", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: String($0.platform.clock.now.seconds - 301))
        },
        Row(10, "timestamp 301 s ahead", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: String($0.platform.clock.now.seconds + 301))
        },
        Row(11, "timestamp in ms", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: String($0.platform.clock.now.milliseconds))
        },
        Row(11, "timestamp not a number", .signatureInvalid) {
            $0.headers = $0.platform.headers($0.body, timestamp: "yesterday")
        },
        Row(11, "timestamp with a sign", .signatureInvalid) {
            $0.headers = $0.platform.headers($0.body, timestamp: "+\($0.platform.clock.now.seconds)")
        },
        Row(11, "timestamp with a fraction", .signatureInvalid) {
            $0.headers = $0.platform.headers($0.body, timestamp: "\($0.platform.clock.now.seconds).0")
        },
        Row(11, "timestamp of full-width digits", .signatureInvalid) {
            $0.headers = $0.platform.headers($0.body, timestamp: "１７０００００００００")
        },
        Row(11, "timestamp just below 2^63", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: "9223372036854775807")
        },
        Row(11, "timestamp 2^63", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: "9223372036854775808")
        },
        Row(11, "timestamp of forty digits", .signatureExpired) {
            $0.headers = $0.platform.headers($0.body, timestamp: String(repeating: "9", count: 40))
        },
        Row(12, "unsigned with Host: localhost", .signatureMissing) { $0.headers = [HTTPField.Name("Host")!: "localhost"] },
        Row(13, "unsigned with X-Forwarded-For: 127.0.0.1", .signatureMissing) {
            $0.headers = [HTTPField.Name("X-Forwarded-For")!: "127.0.0.1"]
        },
        Row(14, "body re-serialised", .signatureInvalid) {
            $0.body = Array(String(decoding: $0.body, as: UTF8.self).replacing(",\"", with: ", \"").utf8)
        },
        Row(15, "signature header twice", .signatureMissing) {
            $0.headers.append(HTTPField(name: .wechatpaySignature, value: $0.headers[.wechatpaySignature] ?? ""))
        },
        Row(15, "timestamp header twice", .signatureMissing) {
            $0.headers.append(HTTPField(name: .wechatpayTimestamp, value: "1"))
        },
        Row(15, "signature header twice, joined by a proxy", .signatureInvalid) {
            $0.headers[.wechatpaySignature] =
                ($0.headers[.wechatpaySignature] ?? "") + ", " + ($0.headers[.wechatpaySignature] ?? "")
        },
        Row(16, "nonce of spaces and a line", .signatureInvalid) { $0.headers[.wechatpayNonce] = "a\nb" },
        Row(44, "an SM2 signature", .signatureInvalid) { $0.headers[.wechatpaySignatureType] = "WECHATPAY2-SM2-WITH-SM3" },
        Row(82, "a body of 10 MB", .responseTooLarge) { $0.body = [UInt8](repeating: 0x20, count: 10_000_000) },
    ]

    @Test("an attack on the signature is refused", arguments: rows)
    func attack(_ row: Row) async throws {
        let body = try platform.notification(orderJSON())
        var message = Message(platform: platform, headers: platform.headers(body), body: body)
        row.attack(&message)
        let error = await failure { [message] in _ = try await parse(message.headers, message.body) }
        #expect(error?.code == row.expected, "\(row.number) \(row.name): \(error?.description ?? "accepted")")
        #expect(error?.isVerified == false)
        #expect(error?.advice == .askForTheOrder)
    }

    @Test("row 9: an expired certificate verifies nothing")
    func expired() async throws {
        let body = try platform.notification(orderJSON())
        let result = await code {
            _ = try await parse(platform.headers(body), body, certificates: [Fixtures.expiredCertificate])
        }
        #expect(result == .unknownPlatformKey)
    }

    @Test("row 10: a timestamp 300 s away is accepted on both sides", arguments: [-300, 300])
    func tolerance(seconds: Int64) async throws {
        let body = try platform.notification(orderJSON())
        let headers = platform.headers(body, timestamp: String(clock.now.seconds + seconds))
        #expect(try await parse(headers, body).eventType == .transactionSuccess)
    }

    @Test("row 16: a nonce with a control character is refused before anything is computed")
    func nonce() {
        for nonce in ["a\nb", "a\u{0}b", "\r", "", "a\u{7F}"] {
            #expect(throws: WeChatPayError.signatureInvalid) {
                try WireSignature(timestamp: "1700000000", nonce: nonce, signature: "AAAA", serial: Fixtures.currentSerial)
            }
        }
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        let number: Int
        let name: String
        let expected: WeChatPayError.Code
        let body: @Sendable (Platform) throws -> [UInt8]

        var testDescription: String { "\(number) \(name)" }
    }

    static let wrong: [Wrong] = [
        Wrong(number: 42, name: "a refund event with a transaction inside", expected: .malformed) {
            try $0.notification(orderJSON(), event: "REFUND.SUCCESS", original: "refund")
        },
        Wrong(number: 42, name: "a payment event with a refund inside", expected: .malformed) { try $0.notification(refundJSON) },
        Wrong(number: 42, name: "a payment event with original_type refund", expected: .malformed) {
            try $0.notification(orderJSON(), original: "refund")
        },
        Wrong(number: 42, name: "a refund event with original_type transaction", expected: .malformed) {
            try $0.notification(refundJSON, event: "REFUND.CLOSED", original: "transaction")
        },
        Wrong(number: 42, name: "both at once", expected: .malformed) {
            try $0.notification(orderJSON().dropLast() + ",\"refund_status\":\"SUCCESS\"}")
        },
        Wrong(number: 42, name: "both at once in a refund", expected: .malformed) {
            try $0.notification(
                refundJSON.dropLast() + ",\"trade_state\":\"SUCCESS\"}", event: "REFUND.SUCCESS", original: "refund")
        },
        Wrong(number: 42, name: "a success with an abnormal refund inside", expected: .malformed) {
            try $0.notification(
                refundJSON.replacing("\"SUCCESS\"", with: "\"ABNORMAL\""), event: "REFUND.SUCCESS", original: "refund")
        },
        Wrong(number: 42, name: "an abnormal end with a successful refund inside", expected: .malformed) {
            try $0.notification(refundJSON, event: "REFUND.ABNORMAL", original: "refund")
        },
        Wrong(number: 42, name: "a closed refund that is processing", expected: .malformed) {
            try $0.notification(
                refundJSON.replacing("\"SUCCESS\"", with: "\"PROCESSING\""), event: "REFUND.CLOSED", original: "refund")
        },
        Wrong(number: 42, name: "a refund event with a combined order inside", expected: .malformed) {
            try $0.notification(combineJSON(), event: "REFUND.SUCCESS", original: "refund")
        },
        Wrong(number: 42, name: "an order that is combined and is not", expected: .malformed) {
            try $0.notification(orderJSON().dropLast() + ",\"combine_out_trade_no\":\"c\"}")
        },
        Wrong(number: 42, name: "a new refund event with an order inside", expected: .malformed) {
            try $0.notification(orderJSON(), event: "REFUND.PAUSED", original: "refund")
        },
        Wrong(number: 42, name: "a combined order without sub-orders", expected: .malformed) {
            try $0.notification("{\"combine_mchid\":\"1\",\"combine_out_trade_no\":\"c\",\"sub_orders\":[]}")
        },
        Wrong(number: 42, name: "a service provider without a sub-merchant", expected: .malformed) {
            try $0.notification(partnerOrderJSON().replacing("sub_mchid", with: "sub_mch"))
        },
        Wrong(number: 45, name: "a refund of 1.0", expected: .malformed) {
            try $0.notification(
                refundJSON.replacing("\"refund\":100", with: "\"refund\":1.0"), event: "REFUND.SUCCESS", original: "refund")
        },
        Wrong(number: 42, name: "neither", expected: .malformed) { try $0.notification("{}") },
        Wrong(number: 42, name: "a combined order with a refund inside", expected: .malformed) {
            try $0.notification("{\"combine_out_trade_no\":\"c\",\"sub_orders\":[],\"refund_status\":\"SUCCESS\"}")
        },
        Wrong(number: 43, name: "other AAD", expected: .decryptionFailed) { try $0.notification(orderJSON(), sentAAD: "refund") },
        Wrong(number: 43, name: "other nonce", expected: .decryptionFailed) {
            try $0.notification(orderJSON(), sentNonce: "fdasflkja485")
        },
        Wrong(number: 43, name: "nonce of 13 bytes", expected: .decryptionFailed) {
            try $0.notification(orderJSON(), sentNonce: "fdasflkja4845")
        },
        Wrong(number: 43, name: "other key", expected: .decryptionFailed) {
            try $0.notification(orderJSON(), key: "x123456789abcdefghijklmnopqrstuv")
        },
        Wrong(number: 44, name: "no encryption", expected: .malformed) { try $0.notification(orderJSON(), algorithm: "none") },
        Wrong(number: 44, name: "SM4", expected: .malformed) { try $0.notification(orderJSON(), algorithm: "AEAD_SM4_GCM") },
        Wrong(number: 45, name: "total 1.0", expected: .malformed) { try $0.notification(orderJSON(total: "1.0")) },
        Wrong(number: 45, name: "total \"1\"", expected: .malformed) { try $0.notification(orderJSON(total: "\"1\"")) },
        Wrong(number: 45, name: "total 1e2", expected: .malformed) { try $0.notification(orderJSON(total: "1e2")) },
        Wrong(number: 45, name: "total 2^63", expected: .malformed) {
            try $0.notification(orderJSON(total: "9223372036854775808"))
        },
        Wrong(number: 85, name: "NUL in the resource", expected: .malformed) { try $0.notification(orderJSON("a\\u0000b")) },
        Wrong(number: 85, name: "resource is no JSON", expected: .malformed) { try $0.notification("trade_state=SUCCESS") },
        Wrong(number: 85, name: "resource is an array", expected: .malformed) { try $0.notification("[]") },
        Wrong(number: 85, name: "invalid UTF-8 in the envelope", expected: .malformed) { _ in [0x7B, 0x22, 0xFF, 0x22, 0x7D] },
        Wrong(number: 86, name: "10,000 deep", expected: .malformed) { _ in [UInt8](repeating: 0x5B, count: 10_000) },
        Wrong(number: 87, name: "trade_state twice", expected: .malformed) {
            try $0.notification(orderJSON().dropLast() + ",\"trade_state\":\"SUCCESS\"}")
        },
        Wrong(number: 87, name: "trade_state twice, once escaped", expected: .malformed) {
            try $0.notification(orderJSON().dropLast() + ",\"trade_st\\u0061te\":\"SUCCESS\"}")
        },
        Wrong(number: 87, name: "resource twice", expected: .malformed) {
            try $0.notification(orderJSON()).dropLast() + Array(",\"resource\":{}}".utf8)
        },
        Wrong(number: 85, name: "an empty body", expected: .malformed) { _ in [] },
    ]

    @Test("validly signed nonsense is refused, and the error says that it was WeChat's", arguments: wrong)
    func nonsense(_ wrong: Wrong) async throws {
        let body = try wrong.body(platform)
        let error = await failure { _ = try await parse(platform.headers(body), body) }
        #expect(error?.code == wrong.expected, "\(wrong.number) \(wrong.name): \(error?.description ?? "accepted")")
        #expect(error?.isVerified == true)
        #expect(error?.message.hasPrefix("the signature is valid, but: ") == true)
    }

    @Test("row 46: a payment with a coupon, payer_total below total, passes")
    func coupon() async throws {
        let coupon =
            ",\"promotion_detail\":[{\"coupon_id\":\"109519\",\"name\":\"券\",\"scope\":\"SINGLE\","
            + "\"type\":\"CASH\",\"amount\":10,"
            + "\"wechatpay_contribute\":10,\"goods_detail\":[{\"goods_id\":\"M1\",\"quantity\":1,"
            + "\"unit_price\":100,\"discount_amount\":10}]}]}"
        let body = try platform.notification(orderJSON().dropLast() + coupon)
        guard case .transaction(let transaction) = try await parse(platform.headers(body), body).resource else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.promotionDetail.first?.couponID == "109519")
        #expect(transaction.promotionDetail.first?.goodsDetail.first?.discountAmount == 10)
    }
}
