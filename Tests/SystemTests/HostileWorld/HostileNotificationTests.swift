import Foundation
import HTTPTypes
import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPay
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("The hostile world: notifications", .serialized, .sharedSystem)
struct HostileNotificationTests {
    /// The lie is refused, and the truth is still believed afterwards.
    private func attack(_ row: NotificationAttack) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.payment()
        let notifications = try await row.build(system, payment)
        try await system.expectRefused(row.statuses, logged: 1...1) {
            var answers: [WebAnswer] = []
            for notification in notifications { answers.append(try await system.notify(notification)) }
            return answers
        }
        let truth = try await system.notify(system.forger.notification(system.forger.success(of: payment).json))
        #expect(truth.status == 204)
        #expect(truth.body.isEmpty)
        #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid")
    }

    @Test("Wrong signatures are refused", arguments: NotificationAttack.wrongSignatures)
    func wrongSignatures(_ row: NotificationAttack) async throws { try await attack(row) }

    @Test("Well signed lies are refused", arguments: NotificationAttack.wrongBusiness)
    func wrongBusiness(_ row: NotificationAttack) async throws { try await attack(row) }

    @Test("Well signed bytes that are no proper JSON are refused", arguments: NotificationAttack.wrongBytes)
    func wrongBytes(_ row: NotificationAttack) async throws { try await attack(row) }

    @Test("Row 16: a nonce with a line break does not pass the parser, or not as one header")
    func nonceWithLineBreak() async throws {
        let system = try SharedSystem.get()
        let payment = try await system.payment()
        let before = try await system.rows.snapshot()
        let body = try system.forger.envelope(system.forger.success(of: payment).json)
        for lineBreak in ["\n", "\r\n ", "\r", "\r\n\t", "\0"] {
            let notification = try system.forger.signed(body, nonce: "abcdefgh\(lineBreak)ijklmnop")
            let head = notification.headers.map { "\($0.0): \($0.1)\r\n" }.joined()
            let heard = try await RawConnection.within(.seconds(5)) { [port = system.port] in
                try await RawConnection.talk(
                    port: port,
                    "POST /notify/v3/demo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Content-Length: \(body.count)\r\n\(head)\r\n"
                        + String(decoding: body, as: UTF8.self))
            }
            let status = try #require(heard).split(separator: " ").dropFirst().first
            #expect(status == "400", "\(lineBreak.debugDescription): \(heard ?? "")")
        }
        #expect(try await system.rows.snapshot() == before)
    }

    @Test("Row 41: a success event whose content is not SUCCESS books nothing, and WeChat is asked")
    func notSuccess() async throws {
        let system = try SharedSystem.get()
        for state in ["NOTPAY", "CLOSED", "REFUND", "REVOKED", "PAYERROR", "SOMETHING_NEW"] {
            let payment = try await system.payment()
            let before = try await system.rows.snapshot()
            var transaction = system.forger.success(of: payment)
            transaction.tradeState = state
            let answer = try await system.notify(system.forger.notification(transaction.json))
            #expect(answer.status == 204)
            let due = try await system.rows.integer(
                "SELECT next_query_at FROM payments WHERE out_trade_no = $1", .text(payment.outTradeNo))
            #expect(due == system.clock.now.milliseconds, "the question is on disk before the answer")
            #expect(try await system.rows.snapshot() == before)
            let path = "out-trade-no/\(payment.outTradeNo)?"
            #expect(system.network.count(path) == 0)
            try await system.advance(by: 5)
            try await eventually("WeChat is asked for \(payment.outTradeNo)") { system.network.count(path) == 1 }
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "pending", "WeChat says NOTPAY")
        }
    }

    @Test("Row 46: a coupon passes, and the books balance", arguments: [("CASH", [100, -100]), ("NOCASH", [70, -100, 30])])
    func coupon(type: String, ledger: [Int64]) async throws {
        let system = try SharedSystem.get()
        let payment = try await system.payment()
        var transaction = system.forger.success(of: payment)
        transaction.amount = #"{"total":100,"payer_total":70,"currency":"CNY","payer_currency":"CNY"}"#
        transaction.more = #","promotion_detail":[{"coupon_id":"1","type":"\#(type)","amount":30,"currency":"CNY"}]"#
        let answer = try await system.notify(system.forger.notification(transaction.json))
        #expect(answer.status == 204)
        let booked = try await system.rows.booked(outTradeNo: payment.outTradeNo)
        #expect(booked.state == "paid")
        #expect(booked.ledger == ledger)
        #expect(booked.ledger.reduce(0, +) == 0)
    }

    @Test("Row 47: a hundred equal notifications at once are booked and fulfilled once")
    func hundredAtOnce() async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        system.loseNotifications()
        defer { system.deliverNotifications() }
        let order = try await buyer.openOrder()
        try await buyer.pay(order)
        let delivery = try #require(system.sandbox.deliveries(outTradeNo: order.outTradeNo).first)
        let request = try system.sandbox.notification(deliveryID: delivery.id)
        let notification = ForgedNotification(
            headers: request.head.headerFields.map { ($0.name.rawName, $0.value) }, body: request.body)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await system.notify(notification).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 204, count: 100))
        try await buyer.expectFulfilledOnce(order)
        let settled = try await system.rows.snapshot()
        #expect(try await system.notify(notification).status == 204)
        #expect(try await system.rows.snapshot() == settled)
    }

    @Test("Row 48: notification, query and close at once end paid, once", arguments: 0..<12)
    func notificationQueryClose(round: Int) async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        system.loseNotifications()
        defer { system.deliverNotifications() }
        let order = try await buyer.openOrder()
        try await buyer.pay(order)
        let delivery = try #require(system.sandbox.deliveries(outTradeNo: order.outTradeNo).first)
        let request = try system.sandbox.notification(deliveryID: delivery.id)
        let notification = ForgedNotification(
            headers: request.head.headerFields.map { ($0.name.rawName, $0.value) }, body: request.body)
        let id = try #require(
            try await system.rows.paymentID(order.outTradeNo))
        let works: [@Sendable () async throws -> Int] = [
            { try await system.notify(notification).status }, { try await buyer.call(order.id, "sync").status },
            { try await buyer.call(order.id, "cancel").status },
            { try await system.web.post("/v1/payments/\(id)/close", token: system.apiKey).status },
            { try await system.web.post("/v1/payments/\(id)/sync", token: system.apiKey).status },
            { try await system.notify(notification).status },
        ]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in works.indices { group.addTask { try await works[(index + round) % works.count]() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { [200, 204, 409].contains($0) }, "\(statuses)")
        try await buyer.expectFulfilledOnce(order)
    }

    @Test("Row 48: paying and cancelling at once end alike here and at WeChat", arguments: 0..<8)
    func payAgainstCancel(round: Int) async throws {
        let system = try SharedSystem.get()
        let buyer = try await Buyer(system)
        let order = try await buyer.openOrder()
        await withTaskGroup(of: Void.self) { group in
            if round.isMultiple(of: 2) { group.addTask { _ = try? await buyer.call(order.id, "cancel") } }
            group.addTask { _ = try? await system.sandbox.pay(.prepayID(order.prepayID), openid: buyer.openid) }
            if !round.isMultiple(of: 2) { group.addTask { _ = try? await buyer.call(order.id, "cancel") } }
        }
        let there = try #require(system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: order.outTradeNo))
        if there.tradeState == .success {
            try await eventually("the order is fulfilled") { try await buyer.state(order) == "fulfilled" }
            #expect(try await system.rows.booked(outTradeNo: order.outTradeNo).fulfilments == 1)
        } else {
            #expect(there.tradeState == .closed)
            #expect(try await buyer.state(order) == "closed")
            #expect(try await system.rows.booked(outTradeNo: order.outTradeNo).state == "closed")
        }
    }
}

@Suite("The hostile world: keys of the platform")
struct HostileKeyTests {
    @Test("Row 7: while no key can be had, a notification is neither believed nor lost")
    func verifierFails() async throws {
        try await RunningSystem.run { system in
            let payment = try await system.payment()
            for fault in [Network.Fault.lost, .badGateway, .unsigned, .tampered] {
                system.network.heal()
                system.network.fail("/v3/certificates", fault)
                try await system.expectRefused(500...599) {
                    [try await system.notify(system.forger.notification(system.forger.success(of: payment).json))]
                }
            }
            // The other key is at hand all the while.
            let truth = try await system.notify(
                system.forger.notification(system.forger.success(of: payment).json, key: .publicKey))
            #expect(truth.status == 204)
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid")
        }
    }

    @Test("Row 8: unknown serials, many at once and one by one, lead to one download")
    func unknownSerial() async throws {
        try await RunningSystem.run { system in
            let payment = try await system.payment()
            let body = try system.forger.envelope(system.forger.success(of: payment).json)
            let before = system.network.count("/v3/certificates")
            try await system.expectRefused {
                try await withThrowingTaskGroup(of: WebAnswer.self) { group in
                    for index in 0..<30 {
                        let serial = "7DEADBEEF0000000000000000000000000\(100_000 + index)"
                        group.addTask { try await system.notify(system.forger.signed(body, serial: serial)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            try await system.expectRefused {
                var answers: [WebAnswer] = []
                for serial in ["A", "PUB_KEY_ID_0000000000000000000000000000000", "0", "../../etc/passwd", "' OR 1=1 --"] {
                    answers.append(try await system.notify(system.forger.signed(body, serial: serial)))
                }
                return answers
            }
            #expect(system.network.count("/v3/certificates") - before == 1)
            #expect(try await system.notify(system.forger.signed(body)).status == 204)
        }
    }

    @Test("Row 9: a certificate that has expired proves nothing")
    func expiredCertificate() async throws {
        var options = RunningSystem.Options()
        var merchant = options.setup.merchants[0]
        let past = SystemClock().now.advanced(by: .seconds(-6 * 366 * 86_400))
        merchant.platformCertificatePEM = try ExpiredCertificate.pem(for: merchant.platformPrivateKeyPEM, madeAt: past)
        merchant.platformSerial = try ExpiredCertificate.serial(of: merchant.platformCertificatePEM)
        options.setup.merchants[0] = merchant
        try await RunningSystem.run(options) { system in
            let payment = try await system.payment()
            try await system.expectRefused {
                [try await system.notify(system.forger.notification(system.forger.success(of: payment).json))]
            }
            #expect(system.network.count("/v3/certificates") == 1, "it was handed out, and not believed")
            let truth = try await system.notify(
                system.forger.notification(system.forger.success(of: payment).json, key: .publicKey))
            #expect(truth.status == 204)
        }
    }
}
