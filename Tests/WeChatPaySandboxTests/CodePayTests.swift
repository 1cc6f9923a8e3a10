import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("Payment codes")
struct CodePayTests {
    private static let dear: [String: JSONValue?] = ["amount/total": .integer(100_001)]

    @Test("A code is charged in one call: the answer is the paid order, and nothing is notified")
    func charge() async throws {
        let caller = try makeSandbox(strict: true)
        let code = try caller.sandbox.authCode(openid: caller.openid)
        #expect(code.wholeMatch(of: /1[0-5]\d{16}/) != nil)
        let reply = try await caller.codePay(code)
        #expect(reply.status == 200, "\(reply.body)")
        #expect(reply.header("Wechatpay-Signature") != nil)
        #expect(reply.json["trade_state"]?.string == "SUCCESS")
        #expect(reply.json["trade_type"]?.string == "MICROPAY")
        #expect(reply.json["payer"]?["openid"]?.string == caller.openid)
        #expect(reply.json["transaction_id"]?.string?.count == 28)
        #expect(reply.json == (try await caller.query().json))
        #expect(caller.sandbox.deliveries().isEmpty)
        #expect(try await caller.codePay(code).code == "ORDERPAID")
    }

    @Test("A code works once, for a minute, and must be one")
    func codes() async throws {
        let caller = try makeSandbox()
        let used = try caller.sandbox.authCode(openid: caller.openid)
        #expect(try await caller.codePay(used).status == 200)
        let again = try await caller.codePay(used, "ORDER0002")
        #expect((again.status, again.code) == (400, "AUTH_CODE_INVALID"))
        #expect(again.message?.contains("每个二维码仅限使用一次") == true)
        for wrong in ["1", "123456789012345678", "163456789012345678", "13456789012345678x", "1234567890123456789"] {
            #expect(try await caller.codePay(wrong, "ORDER0002").code == "AUTH_CODE_INVALID", "\(wrong)")
        }
        let late = try caller.sandbox.authCode(openid: caller.openid)
        try await caller.sandbox.advanceClock(by: 60)
        let expired = try await caller.codePay(late, "ORDER0002")
        #expect((expired.status, expired.code) == (400, "AUTH_CODE_EXPIRE"))
        // None of these has made an order.
        #expect(try await caller.query("ORDER0002").code == "ORDER_NOT_EXIST")
        #expect(try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0002").status == 200)
        #expect(throws: SandboxError(.notFound, "")) { try caller.sandbox.authCode(openid: "oNobody") }
    }

    @Test("Above 1000 yuan, or when the user wants it, the password is asked for: 202 USERPAYING until it is answered")
    func password() async throws {
        let caller = try makeSandbox()
        let limit = try await caller.codePay(
            caller.sandbox.authCode(openid: caller.openid), "ORDER0000", ["amount/total": .integer(100_000)])
        #expect(limit.status == 200)
        let code = try caller.sandbox.authCode(openid: caller.openid)
        for _ in 1...2 {
            let asked = try await caller.codePay(code, "ORDER0001", Self.dear)
            #expect((asked.status, asked.code, asked.message) == (202, "USERPAYING", "用户支付中，需要输入密码"))
            #expect(asked.header("Wechatpay-Signature") != nil)
        }
        let waiting = try await caller.query().json
        #expect(waiting["trade_state"]?.string == "USERPAYING")
        #expect(waiting["transaction_id"] == nil && waiting["payer"] == nil)
        let report = try caller.sandbox.confirmCode(outTradeNo: "ORDER0001", mchid: caller.merchant.mchid)
        #expect(report.tradeState == .success)
        #expect(report.transactionID == (try await caller.query().json["transaction_id"]?.string))
        let forced = try await caller.codePay(
            caller.sandbox.authCode(openid: caller.openid, needsPassword: true), "ORDER0002")
        #expect(forced.status == 202)
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.confirmCode(outTradeNo: "ORDER0001", mchid: caller.merchant.mchid)
        }
        #expect(throws: SandboxError(.notFound, "")) {
            try caller.sandbox.confirmCode(outTradeNo: "NOTHING1", mchid: caller.merchant.mchid)
        }
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.confirmCode(
                outTradeNo: "ORDER0002", mchid: caller.merchant.mchid, outcome: .successThenKillApp)
        }
    }

    @Test(
        "A password that is refused or not given is PAYERROR, and its number is used up",
        arguments: [
            PayOutcome.cancel, .wrongPassword, .insufficient, nil,
        ])
    func refused(_ outcome: PayOutcome?) async throws {
        let caller = try makeSandbox()
        _ = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0001", Self.dear)
        if let outcome {
            let report = try caller.sandbox.confirmCode(
                outTradeNo: "ORDER0001", mchid: caller.merchant.mchid, outcome: outcome)
            #expect(report.tradeState == .payError)
            #expect(report.reason == outcome.reason)
        } else {
            try await caller.sandbox.advanceClock(by: 299)
            #expect(try await caller.query().json["trade_state"]?.string == "USERPAYING")
            try await caller.sandbox.advanceClock(by: 1)
        }
        #expect(try await caller.query().json["trade_state"]?.string == "PAYERROR")
        let other = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0001", Self.dear)
        #expect(other.message == "请求重入时，参数与首次请求时不一致")
        try await caller.sandbox.advanceClock(by: 7 * 86_400)
        #expect(try await caller.query().json["trade_state"]?.string == "CLOSED")
        #expect(try await caller.reverse().code == "REVERSE_EXPIRE")
    }

    @Test("A wallet that holds too little is NOT_ENOUGH, without a question for the password")
    func poor() async throws {
        let caller = try makeSandbox()
        let code = try caller.sandbox.authCode(openid: caller.openid)
        let reply = try await caller.codePay(code, "ORDER0001", ["amount/total": .integer(1_000_001)])
        #expect((reply.status, reply.code) == (403, "NOT_ENOUGH"))
        #expect(try await caller.query().json["trade_state"]?.string == "PAYERROR")
        let again = try await caller.codePay(code, "ORDER0001", ["amount/total": .integer(1_000_001)])
        #expect((again.status, again.code) == (403, "OUT_TRADE_NO_USED"))
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.transactionID == nil)
    }

    @Test("Reversing gives a paid order's money back, and stops an unpaid one")
    func reverse() async throws {
        let caller = try makeSandbox()
        #expect(try await caller.reverse().code == "ORDER_NOT_EXIST")
        let all: [String: JSONValue?] = ["amount/total": .integer(1_000_000)]
        let code = try caller.sandbox.authCode(openid: caller.openid)
        _ = try await caller.codePay(code, "ORDER0001", all)
        try caller.sandbox.confirmCode(outTradeNo: "ORDER0001", mchid: caller.merchant.mchid)
        #expect(try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0002").code == "NOT_ENOUGH")
        try await caller.sandbox.advanceClock(by: 15)
        for _ in 1...2 {
            let reversed = try await caller.reverse()
            #expect(reversed.status == 200)
            #expect(
                reversed.json
                    == .record(("appid", .string(caller.merchant.appid)), ("mchid", "1900000001"), ("out_trade_no", "ORDER0001")))
        }
        let order = try await caller.query().json
        #expect(order["trade_state"]?.string == "REVOKED")
        #expect(order["transaction_id"]?.string != nil)
        #expect(try await caller.codePay(code, "ORDER0001", all).code == "ORDER_REVERSED")
        // The money is back, once.
        let spent = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0003", all)
        #expect(spent.status == 202)
        try await caller.sandbox.advanceClock(by: 15)
        #expect(try await caller.reverse("ORDER0003").status == 200)
        #expect(try await caller.query("ORDER0003").json["trade_state"]?.string == "REVOKED")
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.confirmCode(outTradeNo: "ORDER0003", mchid: caller.merchant.mchid)
        }
        #expect(caller.sandbox.warnings.isEmpty)
    }

    @Test("A reverse within 15 seconds is a warning or, strict, refused; after seven days it is REVERSE_EXPIRE")
    func reverseTimes() async throws {
        let caller = try makeSandbox()
        _ = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid))
        #expect(try await caller.reverse().status == 200)
        #expect(caller.sandbox.warnings.map(\.code) == ["reverse_too_early"])
        let strict = try makeSandbox(strict: true)
        _ = try await strict.codePay(strict.sandbox.authCode(openid: strict.openid))
        try await strict.sandbox.advanceClock(by: 14)
        #expect(try await strict.reverse().code == "INVALID_REQUEST")
        #expect(try await strict.query().json["trade_state"]?.string == "SUCCESS")
        try await strict.sandbox.advanceClock(by: 7 * 86_400 - 14)
        let late = try await strict.reverse()
        #expect((late.status, late.code) == (400, "REVERSE_EXPIRE"))
        #expect(try await strict.query().json["trade_state"]?.string == "SUCCESS")
    }

    @Test("A code payment is not closed, another order is not reversed")
    func wrongCall() async throws {
        let caller = try makeSandbox()
        _ = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0001", Self.dear)
        let closed = try await caller.close()
        #expect((closed.status, closed.code) == (400, "INVALID_REQUEST"))
        #expect(try await caller.query().json["trade_state"]?.string == "USERPAYING")
        try await caller.prepay("ORDER0002")
        let reversed = try await caller.reverse("ORDER0002")
        #expect((reversed.status, reversed.code) == (400, "INVALID_REQUEST"))
        #expect(try await caller.query("ORDER0002").json["trade_state"]?.string == "NOTPAY")
        await #expect(throws: SandboxError(.invalidArgument, "")) {
            try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        }
    }

    @Test("A charge that lacks its code, its scene or its store is refused; notify_url is not its field")
    func fields() async throws {
        let caller = try makeSandbox(strict: true)
        let code = try caller.sandbox.authCode(openid: caller.openid)
        let cases: [([String: JSONValue?], String)] = [
            (["payer": .record()], "/payer/auth_code"), (["scene_info": .record(("device_id", "1"))], "/scene_info/store_info"),
            (["amount": nil], "/amount"), (["description": nil], "/description"),
            (["notify_url": "https://pay.example.com/n"], "/notify_url"),
        ]
        for (changes, field) in cases {
            let reply = try await caller.codePay(code, "ORDER0001", changes)
            #expect((reply.status, reply.code) == (400, "PARAM_ERROR"))
            #expect(reply.json["detail"]?["field"]?.string == field)
        }
        // A refusal of the fields does not use the code up.
        #expect(try await caller.codePay(code).status == 200)
    }
}
