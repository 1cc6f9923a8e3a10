import Testing

@testable import WeChatPay

@Suite("Kinds of notifications")
struct NotificationKindTests {
    private let clock = JumpingClock()

    private func parse(_ plaintext: String, event: String, original: String?) async throws -> WeChatPay.Notification {
        let platform = Platform(clock: clock)
        let body = try platform.notification(plaintext, event: event, original: original, aad: original ?? "")
        return try await testClient(neverCalled, clock: clock).notifications.parse(
            headers: platform.headers(body), body: body)
    }

    @Test(
        "a refund that has ended is read whole, in each way to end",
        arguments: [("SUCCESS", RefundStatus.success), ("ABNORMAL", .abnormal), ("CLOSED", .closed)])
    func refund(word: String, status: RefundStatus) async throws {
        let plaintext = refundJSON.replacing("\"SUCCESS\"", with: "\"\(word)\"")
        for original in ["refund", nil] {
            let notification = try await parse(plaintext, event: "REFUND.\(word)", original: original)
            guard case .refund(let refund) = notification.resource else {
                Issue.record("\(notification.resource)")
                return
            }
            #expect(refund.status == status && refund.mchid == "1900000001" && refund.subMchid == nil)
            #expect(refund.transactionID == "4200000000202311150000000001" && refund.outTradeNo == "order_1234")
            #expect(refund.refundID == "50000000382019052709732678859" && refund.outRefundNo == "refund_1")
            #expect(refund.successTime == Timestamp(seconds: 1_699_999_999))
            #expect(refund.userReceivedAccount == "支付用户零钱")
            #expect(refund.amount == .init(total: 100, refund: 100, payerTotal: 90, payerRefund: 90))
            #expect(notification.plaintext == Array(plaintext.utf8))
        }
    }

    @Test("a sub-merchant's refund has both numbers, and an end without success has no time")
    func partnerRefund() throws {
        let json = refundJSON.replacing("\"mchid\":", with: "\"sub_mchid\":\"1900000009\",\"sp_mchid\":")
            .replacing("2023-11-15T06:13:19+08:00", with: "")
        let refund = try RefundNotification(json: Array(json.utf8))
        #expect(refund.mchid == "1900000001" && refund.subMchid == "1900000009" && refund.successTime == nil)
        #expect(throws: WeChatPayError.malformed) {
            try RefundNotification(json: Array(json.replacing("sub_mchid", with: "sub_mch").utf8))
        }
    }

    @Test("a sub-merchant's payment comes as such")
    func partner() async throws {
        let resource = try await parse(partnerOrderJSON(), event: "TRANSACTION.SUCCESS", original: "transaction").resource
        guard case .partnerTransaction(let order) = resource else {
            Issue.record("\(resource)")
            return
        }
        #expect(order.spMchid == "1900000001" && order.subMchid == "1900000009" && order.tradeState == .success)
    }

    @Test("a combined payment comes with all its orders and their amounts")
    func combined() async throws {
        let resource = try await parse(combineJSON(), event: "TRANSACTION.SUCCESS", original: "transaction").resource
        guard case .combineTransaction(let order) = resource else {
            Issue.record("\(resource)")
            return
        }
        #expect(order.combineAppid == "wx0000000000000001" && order.combineMchid == "1900000001")
        #expect(order.combineOutTradeNo == "combine_1" && order.deviceID == "d1")
        #expect(order.payer?.openid == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        #expect(order.subOrders.map(\.mchid) == ["1900000001", "1900000001"])
        #expect(order.subOrders.map(\.subMchid) == [nil, "1900000009"])
        #expect(order.subOrders.map(\.trade.outTradeNo) == ["sub_1", "sub_2"])
        #expect(order.subOrders.map(\.trade.tradeState) == [.success, .success])
        #expect(order.subOrders[0].amount == Transaction.Amount(total: 60, payerTotal: 50, currency: .cny, payerCurrency: .cny))
        #expect(order.subOrders[1].amount?.totalMoney == Money(fen: 40))
        #expect(order.subOrders[1].transactionID == "4200000000202311150000000002")
        #expect(!"\(order)\(dumped(order))".contains("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"))
    }
}
