import Foundation
import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPay
import WeChatPaySandbox

/// The rows of the hostile world against `/notify/v2` and `/notify/refund-v2`, with either algorithm. The documents are
/// written and signed by the tests' own code.
@Suite("The hostile world: API v2", .serialized)
struct HostileV2Tests {
    private static func options(_ type: ForgedXML.Kind, isForNew: Bool = true) -> RunningSystem.Options {
        var options = RunningSystem.Options()
        options.v2 = .init(type: type, isForNew: isForNew)
        return options
    }

    private static let success =
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"

    /// The lies are refused, each in words that tell nothing, and the truth is still believed afterwards.
    private func attack(_ rows: [V2NotificationAttack], _ type: ForgedXML.Kind) async throws {
        try await RunningSystem.run(Self.options(type)) { system in
            for row in rows {
                let payment = try await system.payment()
                for body in try await row.build(system, payment, type) {
                    try await system.expectRefused(row.statuses, logged: 1...1) {
                        let answer = try await system.notifyV2(body)
                        #expect(answer.header("Content-Type")?.hasPrefix("text/xml") == true, "\(row): \(answer.text)")
                        #expect(ForgedXML(reading: answer.text)["return_code"] == "FAIL", "\(row): \(answer.text)")
                        #expect(answer.text.utf8.count < 120, "\(row): \(answer.text)")
                        return [answer]
                    }
                }
                let truth = try await system.notifyV2(ForgedXML.success(system, payment).signed(type).utf8)
                #expect(truth.status == 200 && truth.text == Self.success, "\(row): \(truth.text)")
                #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid", "\(row)")
            }
        }
    }

    @Test("Rows 17 to 26: wrong signatures are refused", arguments: ForgedXML.Kind.allCases)
    func wrongSignatures(_ type: ForgedXML.Kind) async throws {
        try await attack(V2NotificationAttack.wrongSignatures, type)
    }

    @Test("Rows 27 to 32, 85 and 86: XML that is more than fields is refused", arguments: ForgedXML.Kind.allCases)
    func hostileXML(_ type: ForgedXML.Kind) async throws {
        try await attack(V2NotificationAttack.hostileXML, type)
    }

    @Test("Rows 33 to 45: well signed lies are refused", arguments: ForgedXML.Kind.allCases)
    func wrongBusiness(_ type: ForgedXML.Kind) async throws {
        try await attack(V2NotificationAttack.wrongBusiness, type)
    }

    @Test("Row 29: an external entity of another host is refused, and nobody goes there")
    func externalEntity() async throws {
        let visitors = try Visitors()
        defer { visitors.close() }
        try await RunningSystem.run(Self.options(.md5)) { system in
            let payment = try await system.payment()
            let text = ForgedXML.success(system, payment).signed(.md5)
            let place = "http://127.0.0.1:\(visitors.port)/x"
            for doctype in [
                "<!DOCTYPE xml [<!ENTITY n SYSTEM \"\(place)\">]>", "<!DOCTYPE xml SYSTEM \"\(place)\">",
                "<!DOCTYPE xml PUBLIC \"-//x//x\" \"\(place)\">", "<!DOCTYPE xml [<!ENTITY % n SYSTEM \"\(place)\"> %n;]>",
            ] {
                try await system.expectRefused(400...499, logged: 1...1) {
                    [try await system.notifyV2((doctype + text.replacing("<![CDATA[100]]>", with: "&n;")).utf8)]
                }
            }
            #expect(!visitors.haveCome)
        }
    }

    @Test("Row 61: an order of API v3 is not paid by what the key of API v2 has signed")
    func v2ForV3() async throws {
        try await RunningSystem.run(Self.options(.md5, isForNew: false)) { system in
            let payment = try await system.payment()
            try await system.expectRefused(400...499, logged: 1...1) {
                [try await system.notifyV2(ForgedXML.success(system, payment).signed(.md5).utf8)]
            }
            let truth = try await system.notify(system.forger.notification(system.forger.success(of: payment).json))
            #expect(truth.status == 204)
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid")
        }
    }

    @Test("Row 61: an order of API v2 is not paid by what comes for API v3, nor by what comes for another merchant")
    func v3ForV2() async throws {
        try await RunningSystem.run(Self.options(.hmac)) { system in
            let payment = try await system.payment()
            try await system.expectRefused(400...499, logged: 1...1) {
                [try await system.notify(system.forger.notification(system.forger.success(of: payment).json))]
            }
            let truth = ForgedXML.success(system, payment).signed(.hmac)
            // A merchant without a key of API v2 has no such address.
            try await system.expectRefused(404...404, logged: 0...1) {
                [
                    try await system.notifyV2(truth.utf8, to: "other"), try await system.notifyV2(truth.utf8, to: "nobody"),
                    try await system.notifyV2(truth.utf8, path: "refund-v2", to: "other"),
                ]
            }
            #expect(try await system.notifyV2(truth.utf8).status == 200)
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "paid")
        }
    }

    @Test("Row 41: a result that is not SUCCESS books nothing, and WeChat is asked")
    func notSuccess() async throws {
        try await RunningSystem.run(Self.options(.md5)) { system in
            let payment = try await system.payment()
            let before = try await system.rows.snapshot()
            var document = ForgedXML.success(system, payment)
            document["result_code"] = "FAIL"
            #expect(try await system.notifyV2(document.signed(.md5).utf8).status == 200)
            let due = try await system.rows.integer(
                "SELECT next_query_at FROM payments WHERE out_trade_no = $1", .text(payment.outTradeNo))
            #expect(due == system.clock.now.milliseconds, "the question is on disk before the answer")
            #expect(try await system.rows.snapshot() == before)
            try await system.advance(by: 5)
            try await eventually("WeChat is asked") { system.network.count("/pay/orderquery") == 1 }
            #expect(try await system.rows.booked(outTradeNo: payment.outTradeNo).state == "pending", "WeChat says NOTPAY")
        }
    }

    @Test("Row 46: coupons pass, and the books balance")
    func coupon() async throws {
        try await RunningSystem.run(Self.options(.md5)) { system in
            for (type, settled, ledger) in [("CASH", nil, [100, -100]), ("NO_CASH", "70", [70, -100, 30])]
                as [(String, String?, [Int64])]
            {
                let payment = try await system.payment()
                var document = ForgedXML.success(system, payment)
                document["cash_fee"] = "70"
                document["settlement_total_fee"] = settled
                document["coupon_fee"] = "30"
                document["coupon_count"] = "1"
                document["coupon_type_0"] = type
                document["coupon_fee_0"] = "30"
                document["coupon_id_0"] = "1"
                #expect(try await system.notifyV2(document.signed(.md5).utf8).text == Self.success)
                let booked = try await system.rows.booked(outTradeNo: payment.outTradeNo)
                #expect(booked.state == "paid" && booked.ledger == ledger, "\(type): \(booked)")
            }
        }
    }

    @Test("Row 47: a hundred equal notifications at once are booked once, and so are fields that nobody knows")
    func hundredAtOnce() async throws {
        try await RunningSystem.run(Self.options(.hmac)) { system in
            let payment = try await system.payment()
            var document = ForgedXML.success(system, payment)
            document["something_new"] = "]]&<é"
            let text = document.signed(.hmac)
                .replacing("<![CDATA[]]&<é]]>", with: "]]&amp;&lt;é")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await system.notifyV2(text.utf8).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 100))
            let booked = try await system.rows.booked(outTradeNo: payment.outTradeNo)
            #expect(booked.ledger == [100, -100] && booked.outbox == ["payment.paid"], "\(booked)")
        }
    }

    @Test("A refund's notification, which nobody signs, books nothing: WeChat is asked, once in two seconds")
    func refundHint() async throws {
        try await RunningSystem.run(Self.options(.md5)) { system in
            let payment = try await system.payment()
            let paid = try await system.notifyV2(ForgedXML.success(system, payment).signed(.md5).utf8)
            #expect(paid.status == 200)
            let hint = try ForgedXML.refund(system, payment, outRefundNo: "BYHAND1").text
            // WeChat knows of no such refund.
            try await system.expectRefused(400...499, logged: 1...1) {
                [try await system.notifyV2(hint.utf8, path: "refund-v2")]
            }
            #expect(system.network.count("/pay/refundquery") == 1)
            try await system.expectRefused(500...599, logged: 0...1) {
                var answers: [WebAnswer] = []
                for _ in 0..<20 { answers.append(try await system.notifyV2(hint.utf8, path: "refund-v2")) }
                return answers
            }
            #expect(system.network.count("/pay/refundquery") == 1)
            // What another key has sealed, or nobody, is not even a reason to ask.
            var spoilt = try ForgedXML.refund(system, payment, outRefundNo: "BYHAND1")
            spoilt["req_info"] = String(repeating: "A", count: 64)
            var foreign = try ForgedXML.refund(system, payment, outRefundNo: "BYHAND1")
            foreign["mch_id"] = "1900000002"
            let v3 = system.merchant.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) }
            let sealed = try ForgedXML.refund(system, payment, outRefundNo: "BYHAND1", key: v3)
            system.clock.advance(by: .seconds(5))
            try await system.expectRefused(400...499, logged: 1...1) {
                var answers: [WebAnswer] = []
                for document in [spoilt, foreign, sealed] {
                    answers.append(try await system.notifyV2(document.text.utf8, path: "refund-v2"))
                    answers.append(try await system.notifyV2(document.text.utf8))
                }
                return answers
            }
            #expect(system.network.count("/pay/refundquery") == 1)
        }
    }
}
