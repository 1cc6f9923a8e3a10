//! From a merchant's keys to an order that is paid.
import Foundation
import WeChatPay

// snippet.client
/// Keys come from files that only this process may read.
func makeClient(keys folder: String) throws -> WeChatPay.Client {
    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }
    let merchant = try Merchant(
        mchid: "1900000001", serialNo: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        privateKey: MerchantPrivateKey(pem: text("apiclient_key.pem")),
        apiV3Key: Secret(text("api_v3_key").trimmingCharacters(in: .newlines)),
        publicKeys: [WeChatPayPublicKey(id: "PUB_KEY_ID_0119000000012025010100000000", pem: text("pub_key.pem"))])
    return try WeChatPay.Client(merchant: merchant, transport: AsyncHTTPClientTransport())
}
// snippet.end

// snippet.order
func placeOrder(_ number: String, for openid: String, with client: WeChatPay.Client) async throws -> String {
    let order = PrepayOrder(
        description: "龙井茶 50克", outTradeNo: number, notifyURL: "https://pay.example.com/notify/v3/shop",
        amount: Money(fen: 6800))
    let request = JSAPIPrepayRequest(appid: "wx0000000000000001", order: order, payerOpenID: openid)
    return try await client.transactions.jsapi(request).prepayID
}
// snippet.end

// snippet.hand-off
func handOff(_ prepayID: String, with client: WeChatPay.Client) throws -> RequestPaymentParameters {
    try client.transactions.requestPaymentParameters(appid: "wx0000000000000001", prepayID: prepayID)
}
// snippet.end

// snippet.query
func isPaid(_ number: String, total: Money, with client: WeChatPay.Client) async throws -> Bool {
    let transaction = try await client.transactions.query(outTradeNo: number)
    guard transaction.tradeState == .success else { return false }
    // The amount is part of the question: an order of another amount is another order.
    return transaction.amount?.totalMoney == total
}
// snippet.end
