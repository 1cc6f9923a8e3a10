import PaymentPrimitives
import Payments

/// The body of `POST /v1/payments`. Fields that this version does not know are refused.
struct CreatePaymentBody: Decodable {
    let payment: NewPayment

    private enum Key: String, CodingKey, CaseIterable {
        case merchant, appid, method, amount, description, reference, openid, attach, scene, wechat
        case outTradeNo = "out_trade_no"
        case authCode = "auth_code"
        case expiresAt = "expires_at"
        case subMchid = "sub_mchid"
        case subAppid = "sub_appid"
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self)
        let container = try decoder.container(keyedBy: Key.self)
        let method = try container.decode(String.self, forKey: .method)
        guard let method = PaymentMethod(rawValue: method) else {
            throw PaymentError(
                .invalidRequest, "method \"\(method.prefix(40))\" is not one of \(PaymentMethod.names)", field: "method")
        }
        var payment = NewPayment(
            merchant: try container.decode(String.self, forKey: .merchant),
            appid: try container.decode(String.self, forKey: .appid), method: method,
            amount: try container.decode(Amount.self, forKey: .amount).money,
            description: try container.decode(String.self, forKey: .description))
        payment.outTradeNo = try container.decodeIfPresent(String.self, forKey: .outTradeNo)
        payment.reference = try container.decodeIfPresent(String.self, forKey: .reference)
        payment.openID = try container.decodeIfPresent(String.self, forKey: .openid)
        payment.attach = try container.decodeIfPresent(String.self, forKey: .attach)
        payment.authCode = try container.decodeIfPresent(String.self, forKey: .authCode).map { Secret($0) }
        payment.subMchid = try container.decodeIfPresent(String.self, forKey: .subMchid)
        payment.subAppid = try container.decodeIfPresent(String.self, forKey: .subAppid)
        payment.options = try container.decodeIfPresent(WeChatOptions.self, forKey: .wechat)?.options ?? PaymentOptions()
        if let scene = try container.decodeIfPresent(PaymentOptions.Scene.self, forKey: .scene) {
            payment.options.scene = try scene.merged(with: payment.options.scene)
        }
        if let text = try container.decodeIfPresent(String.self, forKey: .expiresAt) {
            guard let moment = Timestamp(rfc3339: text) else {
                throw PaymentError(
                    .invalidRequest, "expires_at is not an RFC 3339 time such as 2026-01-31T18:00:00+08:00", field: "expires_at")
            }
            payment.expiresAt = moment
        }
        self.payment = payment
    }
}

/// `amount`.
private struct Amount: Decodable {
    let money: Money

    private enum Key: String, CodingKey, CaseIterable { case total, currency }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self)
        let container = try decoder.container(keyedBy: Key.self)
        money = Money(
            fen: try container.decode(Int64.self, forKey: .total),
            currency: Currency(rawValue: try container.decodeIfPresent(String.self, forKey: .currency) ?? "CNY"))
    }
}

/// `wechat`: what WeChat knows and other ways of paying do not.
private struct WeChatOptions: Decodable {
    var options = PaymentOptions()

    private enum Key: String, CodingKey, CaseIterable {
        case detail
        case goodsTag = "goods_tag"
        case limitPay = "limit_pay"
        case supportFapiao = "support_fapiao"
        case settleInfo = "settle_info"
        case storeInfo = "store_info"
        case deviceID = "device_id"
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self)
        let container = try decoder.container(keyedBy: Key.self)
        options.goodsTag = try container.decodeIfPresent(String.self, forKey: .goodsTag)
        options.limitPay = try container.decodeIfPresent([String].self, forKey: .limitPay)
        options.supportFapiao = try container.decodeIfPresent(Bool.self, forKey: .supportFapiao)
        options.detail = try container.decodeIfPresent(PaymentOptions.Detail.self, forKey: .detail)
        options.settleInfo = try container.decodeIfPresent(PaymentOptions.SettleInfo.self, forKey: .settleInfo)
        var scene = PaymentOptions.Scene()
        scene.storeInfo = try container.decodeIfPresent(PaymentOptions.Store.self, forKey: .storeInfo)
        scene.deviceID = try container.decodeIfPresent(String.self, forKey: .deviceID)
        if scene != PaymentOptions.Scene() { options.scene = scene }
    }
}

extension PaymentOptions.Scene {
    /// With shop and device of `wechat`, which names them too; what is said twice is refused.
    fileprivate func merged(with other: Self?) throws -> Self {
        guard let other else { return self }
        var scene = self
        if let store = other.storeInfo {
            guard storeInfo == nil else { throw Self.twice("store_info") }
            scene.storeInfo = store
        }
        if let device = other.deviceID {
            guard deviceID == nil else { throw Self.twice("device_id") }
            scene.deviceID = device
        }
        return scene
    }

    private static func twice(_ field: String) -> PaymentError {
        PaymentError(
            .invalidRequest, "wechat.\(field) is scene.\(field) too; name it once", field: "wechat.\(field)")
    }
}
