import Crypto
import Foundation
import HTTPTypes
import WeChatPay
import WeChatPaySandbox

/// An order of which WeChat says that it was paid.
struct PaidOrder {
    let appid: String
    let outTradeNo: String
    let total: Int64
    let openid: String
}

/// A notification ready to be sent.
struct SignedNotification {
    let headers: [(String, String)]
    let body: [UInt8]

    var fields: HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }
}

/// Plays WeChat with the sandbox's keys: notifications as 《支付成功回调通知》 has them, without an order at the sandbox.
struct PlayedPlatform {
    private let account: SandboxMerchant
    private let signer: MerchantPrivateKey
    private let key: SymmetricKey

    init(_ account: SandboxMerchant) throws {
        self.account = account
        signer = try MerchantPrivateKey(pem: account.publicKeyPrivatePEM)
        key = account.apiV3Key.withBytes { SymmetricKey(data: $0) }
    }

    /// - Parameter withPromotion: whether a coupon was used, which makes it nearly twice as long.
    func notification(about order: PaidOrder, withPromotion: Bool) throws -> SignedNotification {
        let now = Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        let transactionID = "4200001\(digits(21))"
        let promotion =
            withPromotion
            ? """
            ,"promotion_detail":[{"amount":100,"wechatpay_contribute":0,"coupon_id":"109519","scope":"SINGLE",\
            "merchant_contribute":0,"name":"单品惠-6","other_contribute":100,"currency":"CNY","stock_id":"931386",\
            "type":"CASH","goods_detail":[{"goods_remark":"商品备注信息","quantity":1,"discount_amount":1,\
            "goods_id":"M1006","unit_price":100},{"goods_remark":"商品备注信息","quantity":1,"discount_amount":1,\
            "goods_id":"M1007","unit_price":100}]}]
            """ : ""
        let resource = """
            {"mchid":"\(account.mchid)","appid":"\(order.appid)","out_trade_no":"\(order.outTradeNo)",\
            "transaction_id":"\(transactionID)","trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功",\
            "bank_type":"OTHERS","attach":"","success_time":"\(now.rfc3339)",\
            "payer":{"openid":"\(order.openid)"},"amount":{"total":\(order.total),"payer_total":\(order.total),\
            "currency":"CNY","payer_currency":"CNY"}\(promotion)}
            """
        let nonce = digits(12)
        let box = try AES.GCM.seal(
            Data(resource.utf8), using: key, nonce: AES.GCM.Nonce(data: Data(nonce.utf8)),
            authenticating: Data("transaction".utf8))
        let body = """
            {"id":"EV-\(digits(24))","create_time":"\(now.rfc3339)","resource_type":"encrypt-resource",\
            "event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction",\
            "algorithm":"AEAD_AES_256_GCM","ciphertext":"\((box.ciphertext + box.tag).base64EncodedString())",\
            "associated_data":"transaction","nonce":"\(nonce)"}}
            """
        return try signed(Array(body.utf8), at: now)
    }

    private func signed(_ body: [UInt8], at now: Timestamp) throws -> SignedNotification {
        let (timestamp, nonce) = (String(now.seconds), digits(32))
        let signature = try signer.signature(for: Array("\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A])
        return SignedNotification(
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "Mozilla/4.0"), ("Accept", "*/*"),
                ("Wechatpay-Timestamp", timestamp), ("Wechatpay-Nonce", nonce),
                ("Wechatpay-Signature", Data(signature).base64EncodedString()), ("Wechatpay-Serial", account.publicKeyID),
                ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
            ], body: body)
    }

    private func digits(_ count: Int) -> String {
        String(decoding: (0..<count).map { _ in UInt8.random(in: 0x30...0x39) }, as: UTF8.self)
    }
}
