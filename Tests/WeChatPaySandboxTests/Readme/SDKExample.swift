import HTTPTypes
import WeChatPay

func begin(_ client: WeChatPay.Client, appid: String, openid: String) async throws -> RequestPaymentParameters {
    let prepay = try await client.transactions.jsapi(
        JSAPIPrepayRequest(
            appid: appid,
            order: PrepayOrder(
                description: "一斤苹果", outTradeNo: "order20261121001", notifyURL: "https://shop.example.com/notify",
                amount: Money(fen: 1280)),
            payerOpenID: openid))
    return try client.transactions.requestPaymentParameters(appid: appid, prepayID: prepay.prepayID)
}

func isPaid(_ client: WeChatPay.Client, headers: HTTPFields, body: [UInt8]) async throws -> Bool {
    let notification = try await client.notifications.parse(headers: headers, body: body)
    guard case .transaction(let payment) = notification.resource else { return false }
    return payment.outTradeNo == "order20261121001" && payment.amount?.total == 1280 && payment.tradeState == .success
}
