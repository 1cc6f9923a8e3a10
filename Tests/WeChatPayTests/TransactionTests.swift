import Testing

@testable import WeChatPay

@Suite("Order objects")
struct TransactionTests {
    private func read(_ json: String) throws -> Transaction { try Transaction(json: Array(json.utf8)) }

    @Test("an unpaid order has little, and that is enough")
    func unpaid() throws {
        let order = try read(
            """
            {"mchid":"1900000001","out_trade_no":"order_1234","trade_state":"NOTPAY","trade_state_desc":"订单未支付",
             "transaction_id":"","success_time":"","trade_type":null,"promotion_detail":null,"scene_info":{"device_id":""},
             "amount":{"total":1,"currency":"CNY"},"new_field":{"a":[true,null]}}
            """)
        #expect(order.tradeState == .notPay)
        #expect(order.transactionID == nil && order.successTime == nil && order.tradeType == nil && order.payer == nil)
        #expect(order.amount?.totalMoney == Money(fen: 1) && order.amount?.payerMoney == nil)
        #expect(order.promotionDetail.isEmpty && order.deviceID == nil)
        #expect(try read("{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"NOTPAY\"}").amount == nil)
    }

    @Test("a paid order is read whole")
    func paid() throws {
        let order = try read(orderJSON().dropLast() + ",\"scene_info\":{\"device_id\":\"till 1\"}}")
        #expect(order.appid == "wx0000000000000001")
        #expect(order.outTradeNo == "order_1234")
        #expect(order.transactionID == "4200000000202311150000000001")
        #expect(order.tradeType == .jsapi)
        #expect(order.bankType == "CMB_DEBIT")
        #expect(order.successTime == Timestamp(seconds: 1_699_999_999))
        #expect(order.payer?.openid == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        #expect(order.deviceID == "till 1")
        #expect(order.amount == Transaction.Amount(total: 100, payerTotal: 90, currency: .cny, payerCurrency: .cny))
    }

    @Test("states and types that nobody knows yet survive")
    func open() throws {
        let order = try read("{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"DREAMING\",\"trade_type\":\"TELEPATHY\"}")
        #expect(order.tradeState.rawValue == "DREAMING")
        #expect(order.tradeType == TradeType(rawValue: "TELEPATHY"))
    }

    @Test("a time without zone is Beijing time")
    func zone() throws {
        let order = try read(
            "{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\",\"success_time\":\"2023-11-15T06:13:20\"}")
        #expect(order.successTime == Timestamp(seconds: 1_700_000_000))
    }

    @Test(
        "what is not an order, or not exactly written, is refused",
        arguments: [
            "", "null", "[]", "{}", "{\"mchid\":\"1\",\"out_trade_no\":\"2\"}",
            "{\"mchid\":\"1\",\"out_trade_no\":\"\",\"trade_state\":\"SUCCESS\"}",
            "{\"mchid\":1,\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\"}",
            "{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":null}",
            "{\"mchid\":\"1\",\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\"}",
            "{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\",\"success_time\":\"yesterday\"}",
            "{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\",\"amount\":[]}",
            "{\"mchid\":\"1\",\"out_trade_no\":\"2\",\"trade_state\":\"SUCCESS\",\"amount\":{\"total\":true}}",
            orderJSON(total: "1.0"), orderJSON(total: "1e2"), orderJSON(total: "\"1\""), orderJSON(total: "9223372036854775808"),
            orderJSON(total: "01"), orderJSON() + "x",
        ])
    func refused(json: String) {
        #expect(throws: WeChatPayError.malformed) { try read(json) }
    }
}
