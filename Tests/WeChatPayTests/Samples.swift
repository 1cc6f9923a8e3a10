import Foundation

@testable import WeChatPay

extension PrepayOrder {
    static let sample = PrepayOrder(
        description: "茶/Tea", outTradeNo: "order_1234", notifyURL: "https://shop.example.com/notify", amount: Money(fen: 100))

    /// An order with every field.
    static let full = PrepayOrder(
        description: "茶", outTradeNo: "order_1234", notifyURL: "https://shop.example.com/notify", amount: Money(fen: 100),
        timeExpire: Timestamp(rfc3339: "2023-11-15T07:00:00+08:00"), attach: "a", goodsTag: "WXG",
        limitPay: [.noCredit, LimitPay(rawValue: "new_word")], supportFapiao: true,
        detail: OrderDetail(
            costPrice: 120, invoiceID: "i1",
            goodsDetail: [GoodsDetail(merchantGoodsID: "g1", wechatpayGoodsID: "w1", goodsName: "茶", quantity: 2, unitPrice: 50)]
        ),
        settleInfo: SettleInfo(profitSharing: true))

    static let fullJSON = """
        "description":"茶","out_trade_no":"order_1234","notify_url":"https://shop.example.com/notify",
        "amount":{"total":100,"currency":"CNY"},"time_expire":"2023-11-15T07:00:00+08:00","attach":"a","goods_tag":"WXG",
        "limit_pay":["no_credit","new_word"],"support_fapiao":true,
        "detail":{"cost_price":120,"invoice_id":"i1","goods_detail":[{"merchant_goods_id":"g1","wechatpay_goods_id":"w1",
        "goods_name":"茶","quantity":2,"unit_price":50}]},"settle_info":{"profit_sharing":true}
        """
}

extension SceneInfo {
    static let sample = SceneInfo(
        payerClientIP: "14.23.150.211", deviceID: "d1",
        storeInfo: StoreInfo(id: "s1", name: "店", areaCode: "440305", address: "路"))

    /// Without the last brace, so that `h5_info` can follow.
    static let openJSON = """
        {"payer_client_ip":"14.23.150.211","device_id":"d1","store_info":{"id":"s1","name":"店","area_code":"440305","address":"路"}
        """
}

extension H5Info {
    static let sample = H5Info(type: .wap, appName: "n", appURL: "https://shop.example.com", bundleID: "b", packageName: "p")
    static let sampleJSON = """
        {"type":"Wap","app_name":"n","app_url":"https://shop.example.com","bundle_id":"b","package_name":"p"}
        """
}

extension JSAPIPrepayRequest {
    static let sample = JSAPIPrepayRequest(
        appid: "wx0000000000000001", order: .sample, payerOpenID: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
}

extension CodePayOrder {
    static let sample = CodePayOrder(
        description: "茶", outTradeNo: "order_1234", amount: Money(fen: 100), authCode: "130061098828009406",
        sceneInfo: CodePaySceneInfo(store: .outID("s1")))
}

extension CodePayRequest {
    static let sample = CodePayRequest(appid: "wx0000000000000001", order: .sample)
}

extension PartnerCodePayRequest {
    static let sample = PartnerCodePayRequest(spAppid: "wxsp", subMchid: "1900000009", order: .sample)
}

/// A sub-merchant's order as WeChat shows it after payment.
func partnerOrderJSON(_ outTradeNo: String = "order_1234", state: String = "SUCCESS") -> String {
    orderJSON(outTradeNo, state: state)
        .replacing("\"appid\":\"wx0000000000000001\",\"mchid\":\"1900000001\"", with: partnerMembers)
        .replacing("\"openid\":", with: "\"sub_openid\":\"oSub_whole_openid\",\"sp_openid\":")
}

private let partnerMembers =
    "\"sp_appid\":\"wxsp\",\"sp_mchid\":\"1900000001\",\"sub_appid\":\"wxsub\",\"sub_mchid\":\"1900000009\""

/// A combined order of two as WeChat shows it after payment.
func combineJSON(_ combineOutTradeNo: String = "combine_1") -> String {
    """
    {"combine_appid":"wx0000000000000001","combine_mchid":"1900000001","combine_out_trade_no":"\(combineOutTradeNo)",\
    "scene_info":{"device_id":"d1"},"combine_payer_info":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"sub_orders":[\
    {"mchid":"1900000001","trade_type":"JSAPI","trade_state":"SUCCESS","bank_type":"CMC","attach":"a",\
    "success_time":"2023-11-15T06:13:19.123+08:00","transaction_id":"4200000000202311150000000001","out_trade_no":"sub_1",\
    "amount":{"total_amount":60,"payer_amount":50,"currency":"CNY","payer_currency":"CNY"}},\
    {"mchid":"1900000001","sub_mchid":"1900000009","trade_type":"JSAPI","trade_state":"SUCCESS","bank_type":"CMC",\
    "attach":"b","success_time":"2023-11-15T06:13:19.123+08:00","transaction_id":"4200000000202311150000000002",\
    "out_trade_no":"sub_2","amount":{"total_amount":40,"payer_amount":40,"currency":"CNY"}}]}
    """
}

/// A JSON text as a value, to compare without regard to the order of keys.
func jsonValue(_ text: String) throws -> NSDictionary { try jsonValue(Array(text.utf8)) }

/// JSON bytes as a value.
func jsonValue(_ bytes: [UInt8]) throws -> NSDictionary {
    guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary else {
        throw WeChatPayError(.malformed, "not an object")
    }
    return object
}
