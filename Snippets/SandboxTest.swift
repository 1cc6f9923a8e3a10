//! A purchase against the sandbox, without a network.
import WeChatPay
import WeChatPaySandbox

// snippet.purchase
func buyOnce() async throws {
    let sandbox = try Sandbox()
    let account = sandbox.merchants[0]
    let buyer = sandbox.users[0]
    let client = try WeChatPay.Client(
        merchant: Merchant(
            mchid: account.mchid, serialNo: account.serialNo, privateKey: MerchantPrivateKey(pem: account.privateKeyPEM),
            apiV3Key: account.apiV3Key),
        transport: sandbox.transport)

    let order = PrepayOrder(
        description: "tea", outTradeNo: "order-000001", notifyURL: "https://pay.example.com/notify", amount: Money(fen: 6800))
    let prepay = try await client.transactions.jsapi(
        JSAPIPrepayRequest(appid: account.appid, order: order, payerOpenID: buyer.openid))

    // The buyer, at the phone.
    try await sandbox.pay(.prepayID(prepay.prepayID), openid: buyer.openid)

    let paid = try await client.transactions.query(outTradeNo: "order-000001")
    print(paid.tradeState)  // SUCCESS
}
// snippet.end
try await buyOnce()
