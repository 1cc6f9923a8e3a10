import Testing
import WeChatPay
import WeChatPaySandbox

@Test("An order that the user has paid is paid") func paidOrder() async throws {
    let sandbox = try Sandbox()
    let shop = sandbox.merchants[0]
    let client = try WeChatPay.Client(
        merchant: Merchant(
            mchid: shop.mchid, serialNo: shop.serialNo, privateKey: MerchantPrivateKey(pem: shop.privateKeyPEM),
            apiV3Key: shop.apiV3Key),
        transport: sandbox.transport)
    let prepay = try await client.transactions.jsapi(
        JSAPIPrepayRequest(
            appid: shop.appid,
            order: PrepayOrder(
                description: "一斤苹果", outTradeNo: "order20261121001", notifyURL: "https://shop.example.com/notify",
                amount: Money(fen: 1280)),
            payerOpenID: sandbox.users[0].openid))
    _ = try await sandbox.pay(.prepayID(prepay.prepayID), openid: sandbox.users[0].openid)
    let order = try await client.transactions.query(outTradeNo: "order20261121001")
    #expect(order.tradeState == .success)
}
