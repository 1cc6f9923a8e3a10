import Foundation
import PaymentPrimitives
import Testing
import WeChatPaySandbox

/// Defects in the code of the articles 000 to 002, none of which is possible here, and what shows it.
///
/// | article | defect | shown by |
/// |---|---|---|
/// | 000 | the page's `success` changes the order | `pageSays`; row 57 in `ShopAttack` |
/// | 000 | every failure shown as "cancelled" | `everyOutcome`: the server says what WeChat says |
/// | 001 | client sets price, body and user | row 56 in `ShopAttack` |
/// | 001 | the string with the API key is logged | row 71 in `HostileSecretTests`, and every hostile row |
/// | 001 | `timeStamp` a number in ms, colliding numbers and nonces | `parameters`; row 60 in `HostileShopTests` |
/// | 001 | order not stored before the call | `storedBeforeTheCall`; `PurchaseTests.prepayWithoutAnswer` |
/// | 001 | the reply's codes and signature unchecked | `PurchaseTests.prepayWithoutAnswer` (unsigned, tampered) |
/// | 001 | no amount, app id, merchant or state check | rows 33 to 45 in `NotificationAttack` |
/// | 001 | booked twice | rows 47 and 48 in `HostileNotificationTests` |
/// | 001 | answered before the write is done | `answeredAfterTheWrite`; `KillTests` |
/// | 001 | `attach` spread over columns | `attach` |
/// | 001 | zone-less time | `times` |
/// | 001 | non-constant-time compare | `keysAreCompared`: keys and tokens are compared as digests |
/// | 002 | only `ok` handled, no query | `everyOutcome`; `PurchaseTests.pageAsks` and `jobAsks` |
@Suite("Defects of the articles", .serialized, .sharedSystem)
struct DefectsOfTheArticlesTests {
    @Test("000: the page's success changes nothing, and neither does its failure")
    func pageSays() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let order = try await buyer.openOrder()
        for outcome in [PayOutcome.cancel, .wrongPassword, .insufficient] {
            let report = try await system.sandbox.pay(.prepayID(order.prepayID), openid: buyer.openid, outcome: outcome)
            #expect(report.tradeState == .notPaid)
            system.clock.advance(by: .seconds(3))
            let answer = try await buyer.call(order.id, "sync")
            #expect(answer.string("order.state") == "unpaid", "asked, and believed WeChat")
        }
        try await buyer.pay(order)
        try await buyer.expectFulfilledOnce(order)
    }

    @Test("001: timeStamp is text in seconds, nonces and numbers never repeat, the package is as signed")
    func parameters() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        var nonces: Set<String> = []
        var numbers: Set<String> = []
        for _ in 0..<10 {
            let answer = try await buyer.order()
            let time = try #require(answer.string("client.timeStamp"))
            #expect(abs((Int64(time) ?? 0) - SystemClock().now.seconds) < 60)
            #expect(answer.string("client.signType") == "RSA")
            #expect(answer.string("client.package")?.hasPrefix("prepay_id=wx") == true)
            #expect(answer.has("client.paySign"))
            nonces.insert(try #require(answer.string("client.nonceStr")))
            numbers.insert(try #require(answer.string("order.out_trade_no")))
        }
        #expect(nonces.count == 10 && nonces.allSatisfy { $0.count == 32 })
        #expect(numbers.count == 10 && numbers.allSatisfy { (6...32).contains($0.count) })
    }

    @Test("001: order and payment are on disk before WeChat is called")
    func storedBeforeTheCall() async throws {
        try await RunningSystem.run { system in
            let buyer = try await Buyer(system)
            system.network.fail("jsapi", .lost)
            let kept = try await buyer.order()
            let id = try #require(kept.string("order.id"))
            #expect(try await system.rows.texts("SELECT id FROM shop_orders") == [id])
            #expect(try await system.rows.texts("SELECT reference FROM payments WHERE state = 'created'") == [id])
        }
    }

    @Test("001: attach comes back as it was given, and names no column")
    func attach() async throws {
        let system = try SharedSystem.get()
        let attach = #"status=paid&total=1&out_trade_no=X"#
        let number = system.number()
        let made = try await system.createPayment(
            MadePayment.body(system, number, total: 100, more: #","attach":"\#(attach)""#), key: number)
        let id = try #require(made.string("payment.id"), "\(made.text)")
        var transaction = system.forger.success(outTradeNo: number, total: 100)
        transaction.more = #","attach":"state=closed&total=1","status":"closed""#
        #expect(try await system.notify(system.forger.notification(transaction.json)).status == 204)
        let stored = try await system.web.get("/v1/payments/\(id)", token: system.apiKey)
        #expect(stored.string("payment.attach") == attach)
        #expect(stored.string("payment.state") == "paid")
        #expect(stored.integer("payment.amount.total") == 100)
        #expect(stored.string("payment.out_trade_no") == number)
    }

    @Test("001: the answer comes after the write: a notification that was answered 2xx is on disk")
    func answeredAfterTheWrite() async throws {
        let system = try SharedSystem.get()
        for _ in 0..<10 {
            let payment = try await system.payment()
            let answer = try await system.notify(system.forger.notification(system.forger.success(of: payment).json))
            #expect(answer.status == 204)
            // Another connection to the same file sees it at once.
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid")
        }
    }

    @Test("001: an API key is held as a digest, and neither a beginning nor an end of it opens anything")
    func keysAreCompared() async throws {
        let system = try SharedSystem.get()
        let key = system.apiKey
        for wrong in ["", " ", String(key.dropLast()), key + "0", String(key.dropFirst()), key.uppercased(), "*"] {
            #expect(try await system.web.get("/v1/payments", token: wrong).status == 401, "\(wrong.count) characters")
        }
        let basic = try await system.web.send("GET", "/v1/payments", headers: [("Authorization", "Basic \(key)")])
        #expect(basic.status == 401)
        #expect(basic.header("WWW-Authenticate") == "Bearer")
        #expect(try await system.web.get("/v1/payments", token: key).status == 200)
    }

    @Test("001: times have a zone")
    func times() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.payment()
        _ = try await system.notify(system.forger.notification(system.forger.success(of: payment).json))
        let answer = try await system.web.get("/v1/payments/\(payment.id)", token: system.apiKey)
        for field in ["created_at", "expires_at", "success_time"] {
            let text = try #require(answer.string("payment.\(field)"))
            #expect(text.hasSuffix("+08:00"))
            #expect(Timestamp(rfc3339: text) != nil)
        }
    }

    @Test("002: every way out of the payment sheet ends in what WeChat says", arguments: PayOutcome.allCases)
    func everyOutcome(_ outcome: PayOutcome) async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        system.loseNotifications()
        defer { system.deliverNotifications() }
        let order = try await buyer.openOrder()
        let report = try await system.sandbox.pay(.prepayID(order.prepayID), openid: buyer.openid, outcome: outcome)
        let answer = try await buyer.call(order.id, "sync")
        #expect(answer.status == 200)
        if report.tradeState == .success {
            try await buyer.expectFulfilledOnce(order)
        } else {
            #expect(answer.string("order.state") == "unpaid")
        }
    }
}
