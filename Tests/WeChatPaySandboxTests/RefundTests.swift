import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

extension Caller {
    static let refunds = "/v3/refund/domestic/refunds"

    /// A right refund of `ORDER0001` of 100 fen.
    func refundBody(_ number: String, _ fen: Int64, _ changes: [String: JSONValue?] = [:]) -> JSONValue {
        var body = JSONValue.record(
            ("out_trade_no", "ORDER0001"), ("out_refund_no", .string(number)), ("reason", "缺货"),
            ("notify_url", "https://pay.example.com/refunded"),
            ("amount", .record(("refund", .integer(fen)), ("total", .integer(100)), ("currency", "CNY"))))
        for (pointer, value) in changes { body = body.replacing(pointer.split(separator: "/").map(String.init), with: value) }
        return body
    }

    @discardableResult
    func refund(_ number: String, _ fen: Int64, _ changes: [String: JSONValue?] = [:]) async throws -> Reply {
        try await send("POST", Self.refunds, refundBody(number, fen, changes).json)
    }

    func queryRefund(_ number: String) async throws -> Reply { try await send("GET", "\(Self.refunds)/\(number)") }

    /// Places an order and pays it.
    func buy(_ number: String = "ORDER0001", total: Int64 = 100) async throws {
        try await prepay(number, ["amount/total": .integer(total)])
        try await sandbox.pay(.outTradeNo(number, mchid: merchant.mchid), openid: openid)
    }

    /// Makes an order look as if a coupon had paid a part of it, or as if it were a sub-merchant's. To be called before it is
    /// paid.
    func alter(_ number: String = "ORDER0001", _ body: (inout SandboxOrder) -> Void) throws {
        try sandbox.update { engine, _ in
            let key = SandboxOrder.key(merchant.mchid, number)
            var order = try #require(engine.state.orders[key])
            body(&order)
            engine.state.orders[key] = order
        }
    }

    var ledger: Ledger { sandbox.shared.withLock { $0.engine.state.money.ledger } }
}

@Suite("Refunds")
struct RefundTests {
    private func paid(strict: Bool = false, total: Int64 = 100, deliver: Sandbox.Deliver? = nil) async throws -> Caller {
        let caller = try makeSandbox(strict: strict, deliver: deliver)
        try await caller.buy(total: total)
        return caller
    }

    @Test("A refund is accepted at once, reaches the user after five seconds, and is notified")
    func success() async throws {
        let receiver = DeliveryTests.Receiver([200])
        let caller = try await paid(deliver: { try receiver.receive($0) })
        let reply = try await caller.refund("REFUND1", 40)
        #expect(reply.status == 200)
        let id = try #require(reply.json["refund_id"]?.string)
        #expect(id.utf8.count == 29 && id.hasPrefix("50"))
        let transaction = try #require(try await caller.query().json["transaction_id"]?.string)
        #expect(
            reply.body == """
                {"amount":{"currency":"CNY","discount_refund":0,"from":[],"payer_refund":40,"payer_total":100,"refund":40,\
                "refund_fee":0,"settlement_refund":40,"settlement_total":100,"total":100},"channel":"ORIGINAL",\
                "create_time":"2023-11-15T06:13:20+08:00","funds_account":"UNSETTLED","out_refund_no":"REFUND1",\
                "out_trade_no":"ORDER0001","promotion_detail":[],"refund_id":"\(id)","status":"PROCESSING",\
                "transaction_id":"\(transaction)","user_received_account":"支付用户零钱"}
                """)
        let order = try await caller.query().json
        #expect(order["trade_state"]?.string == "REFUND")
        #expect(order["amount"]?["payer_total"]?.int64 == 100)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_900)
        try await caller.sandbox.advanceClock(by: 4)
        #expect(try await caller.queryRefund("REFUND1").json["status"]?.string == "PROCESSING")
        try await caller.sandbox.advanceClock(by: 1)
        let done = try await caller.queryRefund("REFUND1").json
        #expect(done["status"]?.string == "SUCCESS")
        #expect(done["success_time"]?.string == "2023-11-15T06:13:25+08:00")
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_940)
        #expect(receiver.arrivals.count == 2)
        #expect(receiver.arrivals.last?.head.path == "/refunded")
        let delivery = try #require(caller.sandbox.deliveries(outTradeNo: "ORDER0001").last)
        #expect(delivery.eventType == "REFUND.SUCCESS")
        let body = try JSONParser.parse(Array(delivery.body.utf8))
        #expect(body["summary"]?.string == "退款成功")
        let resource = try #require(body["resource"])
        #expect(resource["original_type"]?.string == "refund")
        #expect(
            try open(resource, caller.merchant) == """
                {"amount":{"payer_refund":40,"payer_total":100,"refund":40,"total":100},"mchid":"1900000001",\
                "out_refund_no":"REFUND1","out_trade_no":"ORDER0001","refund_id":"\(id)","refund_status":"SUCCESS",\
                "success_time":"2023-11-15T06:13:25+08:00","transaction_id":"\(transaction)",\
                "user_received_account":"支付用户零钱"}
                """)
    }

    @Test("Real time is enough: a question after five seconds finds the money arrived, at its own time")
    func realTime() async throws {
        let caller = try await paid()
        try await caller.refund("REFUND1", 100, ["transaction_id": nil])
        caller.clock.advance(by: .seconds(3600))
        let done = try await caller.queryRefund("REFUND1").json
        #expect(done["success_time"]?.string == "2023-11-15T06:13:25+08:00")
        #expect(caller.sandbox.deliveries().last?.createdAt.rfc3339 == "2023-11-15T06:13:25+08:00")
    }

    @Test("Once more with the same parameters is the same refund; with others it is refused")
    func repeated() async throws {
        let caller = try await paid()
        let first = try await caller.refund("REFUND1", 40)
        #expect(try await caller.refund("REFUND1", 40).body == first.body)
        #expect(try await caller.send("POST", Caller.refunds, caller.refundBody("REFUND1", 40).sorted.json).body == first.body)
        let other = try await caller.refund("REFUND1", 41)
        #expect((other.status, other.code) == (400, "INVALID_REQUEST"))
        #expect(other.message == "订单金额或退款金额与之前请求不一致，请核实后再试")
        let reason = try await caller.refund("REFUND1", 40, ["reason": "不想要了"])
        #expect((reason.status, reason.code) == (400, "INVALID_REQUEST"))
        #expect(caller.ledger.balance(.refunding) == 40)
    }

    @Test("Two of 60 % are refused, and so are one fen too many and any after the whole")
    func tooMuch() async throws {
        let caller = try await paid()
        #expect(try await caller.refund("TOO-MUCH", 101).code == "INVALID_REQUEST")
        #expect(try await caller.refund("SIXTY1", 60).status == 200)
        #expect(try await caller.refund("SIXTY2", 60).code == "INVALID_REQUEST")
        #expect(try await caller.refund("FORTY", 40).status == 200)
        #expect(try await caller.refund("ONE", 1).code == "INVALID_REQUEST")
        #expect(caller.ledger.balance(.refunding) == 100)
    }

    @Test("Three thirds of 100 fen make 100, fifty parts are allowed and the 51st is not")
    func parts() async throws {
        let caller = try await paid()
        for (index, fen) in [Int64(33), 33, 34].enumerated() {
            #expect(try await caller.refund("THIRD\(index)", fen).status == 200)
        }
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 1_000_000)
        #expect(caller.ledger.balance(.fees) == 0)
        #expect(caller.ledger.balance(.unsettled("1900000001")) == 0)

        try await caller.buy("ORDER0002")
        func part(_ number: Int) async throws -> Caller.Reply {
            try await caller.refund("PART\(number)", 1, ["out_trade_no": "ORDER0002"])
        }
        for number in 1...50 { #expect(try await part(number).status == 200) }
        let refused = try await part(51)
        #expect((refused.status, refused.code) == (400, "INVALID_REQUEST"))
        #expect(refused.message?.contains("50") == true)
        // The fiftieth was the last, though half of the money is still there.
        #expect(try caller.sandbox.refund(mchid: "1900000001", outRefundNo: "PART50") != nil)
        #expect(try caller.sandbox.refund(mchid: "1900000001", outRefundNo: "PART51") == nil)
    }

    @Test("Two refunds within a minute make a warning, and strict refuses the second")
    func tooSoon() async throws {
        let kind = try await paid()
        try await kind.refund("REFUND1", 10)
        #expect(try await kind.refund("REFUND2", 10).status == 200)
        #expect(kind.sandbox.warnings.map(\.code) == ["refund_too_soon"])
        let strict = try await paid(strict: true)
        try await strict.refund("REFUND1", 10)
        try await strict.sandbox.advanceClock(by: 59)
        let early = try await strict.refund("REFUND2", 10)
        #expect((early.status, early.code) == (429, "FREQUENCY_LIMITED"))
        try await strict.sandbox.advanceClock(by: 1)
        #expect(try await strict.refund("REFUND2", 10).status == 200)
    }

    @Test("After 365 days a payment cannot be refunded any more")
    func tooLate() async throws {
        let caller = try await paid()
        try await caller.sandbox.advanceClock(by: 365 * 86_400)
        #expect(try await caller.refund("REFUND1", 10, ["funds_account": "AVAILABLE"]).status == 200)
        try await caller.sandbox.advanceClock(by: 60)
        #expect(try await caller.refund("REFUND2", 10, ["funds_account": "AVAILABLE"]).code == "INVALID_REQUEST")
    }

    @Test("What is not there or not yours is refused by WeChat's codes")
    func refusals() async throws {
        let caller = try await paid()
        try await caller.prepay("UNPAID01")
        let transaction = try #require(try await caller.query().json["transaction_id"]?.string)
        let other = Caller(sandbox: caller.sandbox, merchant: caller.sandbox.merchants[1], clock: caller.clock)
        let cases: [([String: JSONValue?], Int, String)] = [
            (["out_trade_no": "NO-SUCH-ORDER"], 404, "RESOURCE_NOT_EXISTS"),
            (["out_trade_no": "UNPAID01"], 404, "RESOURCE_NOT_EXISTS"),
            (["out_trade_no": nil], 400, "PARAM_ERROR"), (["out_refund_no": "a b"], 400, "PARAM_ERROR"),
            (["out_trade_no": nil, "transaction_id": "4200000000000000000000000000"], 404, "RESOURCE_NOT_EXISTS"),
            (["transaction_id": .string(transaction), "out_trade_no": "UNPAID01"], 400, "INVALID_REQUEST"),
            (["amount/total": .integer(99)], 400, "INVALID_REQUEST"), (["amount/refund": .integer(0)], 400, "PARAM_ERROR"),
            (["amount/refund": .integer(-1)], 400, "PARAM_ERROR"), (["amount/currency": "USD"], 400, "PARAM_ERROR"),
            (["amount/currency": nil], 400, "PARAM_ERROR"), (["funds_account": "UNAVAILABLE"], 400, "PARAM_ERROR"),
            (["notify_url": "http://pay.example.com/n"], 400, "PARAM_ERROR"),
            (["reason": .string(String(repeating: "长", count: 27))], 400, "PARAM_ERROR"),
            (["sub_mchid": "1900000101"], 403, "NO_AUTH"),
            (["amount/from": .array([.record(("account", "AVAILABLE"), ("amount", .integer(9)))])], 400, "PARAM_ERROR"),
        ]
        for (changes, status, code) in cases {
            let reply = try await caller.refund("REFUND1", 10, changes)
            #expect((reply.status, reply.code) == (status, code), "\(changes)")
        }
        let foreign = try await other.refund("REFUND1", 10, ["out_trade_no": nil, "transaction_id": .string(transaction)])
        #expect((foreign.status, foreign.code) == (403, "NO_AUTH"))
        #expect(try await other.refund("REFUND1", 10).code == "RESOURCE_NOT_EXISTS")
        let unknown = try await caller.queryRefund("REFUND1")
        #expect((unknown.status, unknown.code) == (404, "RESOURCE_NOT_EXISTS"))
        #expect(
            try await caller.refund("REFUND1", 10, ["out_trade_no": nil, "transaction_id": .string(transaction)]).status == 200)
    }

    @Test("An account with too little refuses NOT_ENOUGH, and the same number works once there is enough")
    func notEnough() async throws {
        let caller = try await paid(total: 10_000)
        let changes: [String: JSONValue?] = ["amount/total": .integer(10_000), "funds_account": "AVAILABLE"]
        let refused = try await caller.refund("REFUND1", 10_000, changes)
        #expect((refused.status, refused.code) == (403, "NOT_ENOUGH"))
        #expect(try await caller.query().json["trade_state"]?.string == "SUCCESS")
        // 9,940 and the returned fee of 60 are exactly enough.
        try caller.sandbox.topUp(mchid: "1900000001", amountFen: 9_939)
        #expect(try await caller.refund("REFUND1", 10_000, changes).code == "NOT_ENOUGH")
        try caller.sandbox.topUp(mchid: "1900000001", amountFen: 1)
        #expect(try await caller.refund("REFUND1", 10_000, changes).status == 200)
        #expect(try caller.sandbox.balances(mchid: "1900000001").availableFen == 0)
        #expect(try caller.sandbox.balances(mchid: "1900000001").refundingFen == 10_000)
    }

    @Test("A refund that is closed gives the merchant its money back and takes the fee again")
    func closed() async throws {
        let caller = try await paid(total: 10_000)
        let before = try caller.sandbox.balances(mchid: "1900000001")
        try caller.sandbox.setRefundOutcome(mchid: "1900000001", outRefundNo: nil, .closed)
        try await caller.refund("REFUND1", 5000, ["amount/total": .integer(10_000)])
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == before.unsettledFen - 4970)
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try await caller.queryRefund("REFUND1").json["status"]?.string == "CLOSED")
        #expect(try caller.sandbox.balances(mchid: "1900000001") == before)
        #expect(caller.sandbox.deliveries().last?.eventType == "REFUND.CLOSED")
        #expect(throws: SandboxError(.invalidArgument, "")) {
            try caller.sandbox.setRefundOutcome(mchid: "1900000001", outRefundNo: "REFUND1", .success)
        }
        // A closed refund leaves the whole amount to be refunded.
        try await caller.sandbox.advanceClock(by: 60)
        #expect(try await caller.refund("REFUND2", 10_000, ["amount/total": .integer(10_000)]).status == 200)
    }

    @Test("An abnormal refund goes to a card when it is told which, and nothing else can be sent on")
    func abnormal() async throws {
        let caller = try await paid()
        try caller.sandbox.setRefundOutcome(mchid: "1900000001", outRefundNo: "REFUND1", .abnormal)
        let id = try #require(try await caller.refund("REFUND1", 40).json["refund_id"]?.string)
        let path = "\(Caller.refunds)/\(id)/apply-abnormal-refund"
        let toMerchant = "{\"out_refund_no\":\"REFUND1\",\"type\":\"MERCHANT_BANK_CARD\"}"
        #expect(try await caller.send("POST", path, toMerchant).code == "INVALID_REQUEST")
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try await caller.queryRefund("REFUND1").json["status"]?.string == "ABNORMAL")
        #expect(caller.sandbox.deliveries().last?.eventType == "REFUND.ABNORMAL")
        #expect(caller.ledger.balance(.refunding) == 40)

        let key = try _RSA.Encryption.PublicKey(
            pemRepresentation: try _RSA.Signing.PrivateKey(pemRepresentation: caller.merchant.publicKeyPrivatePEM).publicKey
                .pemRepresentation)
        func sealed(_ text: String) throws -> JSONValue {
            .string(try key.encrypt(Data(text.utf8), padding: .PKCS1_OAEP).base64EncodedString())
        }
        let toUser = JSONValue.record(
            ("out_refund_no", "REFUND1"), ("type", "USER_BANK_CARD"), ("bank_type", "ICBC_DEBIT"),
            ("bank_account", try sealed("6222020000000403")), ("real_name", try sealed("张三")))
        let serial = ["Wechatpay-Serial": caller.merchant.publicKeyID]
        #expect(try await caller.send("POST", path, toUser.json).code == "PARAM_ERROR")
        #expect(
            try await caller.send("POST", path, toUser.setting("bank_account", to: "6222").json, headers: serial).code
                == "PARAM_ERROR")
        #expect(
            try await caller.send("POST", path, toUser.setting("out_refund_no", to: "OTHER").json, headers: serial).code
                == "INVALID_REQUEST")
        let applied = try await caller.send("POST", path, toUser.json, headers: serial)
        #expect(applied.json["status"]?.string == "PROCESSING")
        #expect(applied.json["channel"]?.string == "OTHER_BANKCARD")
        #expect(applied.json["user_received_account"]?.string == "ICBC_DEBIT0403")
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try await caller.queryRefund("REFUND1").json["status"]?.string == "SUCCESS")
        #expect(caller.ledger.balance(.refunding) == 0)
        #expect(caller.ledger.balance(.bank) == 40)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_900)
        #expect(try await caller.send("POST", path, toMerchant).code == "INVALID_REQUEST")
        #expect(try await caller.send("POST", "\(Caller.refunds)/5030/apply-abnormal-refund", toMerchant).status == 404)
    }

    @Test("Coupons bear their part of a refund, and the parts of a full refund add up")
    func coupons() async throws {
        let caller = try makeSandbox()
        try await caller.prepay("ORDER0001", ["amount/total": .integer(1000)])
        try caller.alter {
            $0.coupons = [
                .init(couponID: "C1", stockID: "S1", name: "充值券", type: .cash, amount: 200),
                .init(couponID: "C2", stockID: "S2", name: "立减", type: .noCash, amount: 100),
            ]
        }
        try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 999_300)
        // 900 are settled, and the fee of 5.4 fen is 5.
        #expect(try caller.sandbox.balances(mchid: "1900000001").unsettledFen == 895)
        var sums = (payer: Int64(0), settlement: Int64(0), cash: Int64(0), noCash: Int64(0))
        for (index, fen) in [Int64(333), 333, 334].enumerated() {
            let reply = try await caller.refund("PART\(index)", fen, ["amount/total": .integer(1000)])
            let amount = try #require(reply.json["amount"])
            let details = try #require(reply.json["promotion_detail"]?.array)
            #expect(details.map { $0["type"]?.string } == ["COUPON", "DISCOUNT"])
            #expect(details.map { $0["amount"]?.int64 } == [200, 100])
            let coupons = details.compactMap { $0["refund_amount"]?.int64 }
            #expect(amount["payer_total"]?.int64 == 700)
            #expect(amount["settlement_total"]?.int64 == 900)
            #expect(amount["discount_refund"]?.int64 == coupons.reduce(0, +))
            sums.payer += amount["payer_refund"]?.int64 ?? 0
            sums.settlement += amount["settlement_refund"]?.int64 ?? 0
            sums.cash += coupons.first ?? 0
            sums.noCash += coupons.last ?? 0
        }
        #expect(sums == (700, 900, 200, 100))
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try caller.sandbox.balance(openid: caller.openid) == 1_000_000)
        #expect(caller.ledger.balances.values.allSatisfy { $0 == 0 })
    }

    @Test("A service provider refunds in the name of its merchant, and must name it")
    func partner() async throws {
        let caller = try makeSandbox(merchant: 2)
        let openid = caller.openid
        // An order of a merchant below the service provider, put there as it would be after its payment.
        try caller.sandbox.update { engine, moment in
            var order = SandboxOrder(
                outTradeNo: "ORDER0001", mchid: "1900000003", appid: "wx0000000000000003", tradeType: "JSAPI", description: "咖啡",
                attach: nil, notifyURL: "https://pay.example.com/notify", total: 100, currency: "CNY", openid: openid,
                deviceID: nil, createdAt: moment.business, timeExpire: nil, tradeState: .success,
                transactionID: "4200000000000000000000000001", paidAt: moment.business, bankType: "OTHERS", prepayIDs: [],
                parameters: "")
            order.subMchid = "1900000101"
            engine.state.orders[order.key] = order
            engine.state.transactionIDs["4200000000000000000000000001"] = order.key
            engine.settle(order, moment)
        }
        #expect(try caller.sandbox.balances(mchid: "1900000101").unsettledFen == 99)
        #expect(try await caller.refund("REFUND1", 10).code == "PARAM_ERROR")
        for foreign in ["1900000102", "1900000001"] {
            let reply = try await caller.refund("REFUND1", 10, ["sub_mchid": .string(foreign)])
            #expect((reply.status, reply.code) == (403, "NO_AUTH"))
        }
        #expect(try await caller.refund("REFUND1", 10, ["sub_mchid": "1900000101"]).status == 200)
        #expect(try await caller.queryRefund("REFUND1").code == "PARAM_ERROR")
        #expect(try await caller.queryRefund("REFUND1?sub_mchid=1900000102").code == "NO_AUTH")
        #expect(try await caller.queryRefund("REFUND1?sub_mchid=1900000101").status == 200)
        try await caller.sandbox.advanceClock(by: 5)
        let delivery = try #require(caller.sandbox.deliveries().last)
        let resource = try #require(try JSONParser.parse(Array(delivery.body.utf8))["resource"])
        let notice = try JSONParser.parse(Array(try open(resource, caller.merchant).utf8))
        #expect(notice["sp_mchid"]?.string == "1900000003")
        #expect(notice["sub_mchid"]?.string == "1900000101")
        #expect(notice["mchid"] == nil)
    }

    @Test("A refund in the console is one that no server asked for, and is notified only by the console's address")
    func console() async throws {
        let caller = try await paid()
        let refund = try caller.sandbox.refundFromConsole(mchid: "1900000001", outTradeNo: "ORDER0001", amountFen: 30)
        try await caller.sandbox.advanceClock(by: 5)
        #expect(try await caller.queryRefund(refund.outRefundNo).json["status"]?.string == "SUCCESS")
        #expect(try await caller.query().json["trade_state"]?.string == "REFUND")
        #expect(caller.sandbox.deliveries().map(\.eventType) == ["TRANSACTION.SUCCESS"])
        for (number, amount, code) in [
            ("ORDER0001", Int64(71), SandboxError.Code.invalidArgument), ("ORDER0001", 0, .invalidArgument),
            ("NOTHING1", 1, .notFound),
        ] {
            #expect(throws: SandboxError(code, "")) {
                try caller.sandbox.refundFromConsole(mchid: "1900000001", outTradeNo: number, amountFen: amount)
            }
        }
        var setup = SandboxSetup.standard
        setup.merchants[0].refundNotifyURL = "https://pay.example.com/console"
        let sandbox = try Sandbox(setup, clock: caller.clock, random: SeededRandom(7))
        let second = Caller(sandbox: sandbox, merchant: sandbox.merchants[0], clock: caller.clock)
        try await second.buy()
        try sandbox.refundFromConsole(mchid: "1900000001", outTradeNo: "ORDER0001", amountFen: 30)
        try await second.refund("REFUND1", 10, ["notify_url": nil])
        try await second.refund("REFUND2", 10)
        try await sandbox.advanceClock(by: 5)
        #expect(
            sandbox.deliveries().dropFirst().map(\.notifyURL).sorted()
                == ["https://pay.example.com/console", "https://pay.example.com/console", "https://pay.example.com/refunded"])
    }
}
