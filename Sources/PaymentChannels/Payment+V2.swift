import PaymentPrimitives
import Payments
import WeChatPayV2

extension V2Order {
    /// What WeChat is told about a payment, each time the same.
    init(_ payment: Payment) throws(WeChatPayError) {
        let options = payment.options
        guard (options.limitPay ?? []).count <= 1 else {
            throw WeChatPayError(.invalidArgument, "wechat.limit_pay: API v2 takes one way that is excluded")
        }
        let isCharge = payment.method == .codePay
        self.init(
            body: payment.description, outTradeNo: payment.outTradeNo, amount: payment.amount,
            // API v2 demands an address. Where nobody said one, this is what it is told; it is compared in H5 alone.
            payerClientIP: (isCharge ? options.scene?.deviceIP : options.scene?.payerClientIP) ?? "127.0.0.1",
            detail: try options.detail?.v2JSON(), attach: payment.attach, deviceInfo: options.scene?.deviceID,
            timeStart: isCharge ? nil : payment.createdAt, timeExpire: isCharge ? nil : payment.expiresAt,
            goodsTag: options.goodsTag, limitPay: options.limitPay?.first.map { LimitPay(rawValue: $0) },
            receipt: options.supportFapiao, profitSharing: options.settleInfo?.profitSharing,
            sceneInfo: payment.method == .h5 ? nil : try options.scene?.storeInfo?.v2JSON())
    }
}

extension Payment {
    /// For whom a service provider takes it.
    var v2Sub: V2SubMerchant? { subMchid.map { V2SubMerchant(subMchid: $0, subAppid: subAppid) } }

    /// How it is paid, in API v2's words.
    func v2Kind() throws(WeChatPayError) -> UnifiedOrderRequest.Kind {
        switch method {
        case .miniProgram, .jsapi:
            return subAppid == nil ? .jsapi(openid: openID ?? "") : .subJSAPI(subOpenid: openID ?? "")
        case .app: return .app
        // A name of the goods that comes with the code's scan; ours is the order's.
        case .native: return .native(productID: outTradeNo)
        case .h5:
            guard let page = options.scene?.h5Info else { throw WeChatPayError(.invalidArgument, "scene.h5_info: missing") }
            return .h5(sceneInfo: try page.v2JSON())
        case .codePay: throw WeChatPayError(.invalidArgument, "method: codepay is charged and not placed")
        }
    }
}

extension ChannelReference {
    var v2Sub: V2SubMerchant? { subMchid.map { V2SubMerchant(subMchid: $0, subAppid: subAppid) } }
}

extension PaymentOptions.H5 {
    fileprivate func v2JSON() throws(WeChatPayError) -> String {
        struct Scene: Encodable {
            let info: Info

            enum CodingKeys: String, CodingKey {
                case info = "h5_info"
            }
        }
        struct Info: Encodable {
            let type: String
            let url: String?
            let name: String?

            enum CodingKeys: String, CodingKey {
                case type
                case url = "wap_url"
                case name = "wap_name"
            }
        }
        return try json(Scene(info: Info(type: type, url: appURL, name: appName)), "scene.h5_info")
    }
}

extension PaymentOptions.Store {
    fileprivate func v2JSON() throws(WeChatPayError) -> String {
        struct Scene: Encodable {
            let store: Store

            enum CodingKeys: String, CodingKey {
                case store = "store_info"
            }
        }
        struct Store: Encodable {
            let id: String
            let name, area, address: String?

            enum CodingKeys: String, CodingKey {
                case id, name, address
                case area = "area_code"
            }
        }
        return try json(
            Scene(store: Store(id: id, name: name, area: areaCode, address: address)), "scene.store_info")
    }
}

extension PaymentOptions.Detail {
    fileprivate func v2JSON() throws(WeChatPayError) -> String {
        struct Detail: Encodable {
            let cost: Int64?
            let receipt: String?
            let goods: [Goods]?

            enum CodingKeys: String, CodingKey {
                case cost = "cost_price"
                case receipt = "receipt_id"
                case goods = "goods_detail"
            }
        }
        struct Goods: Encodable {
            let id: String
            let wechatID, name: String?
            let quantity, price: Int64

            enum CodingKeys: String, CodingKey {
                case quantity, price
                case id = "goods_id"
                case wechatID = "wxpay_goods_id"
                case name = "goods_name"
            }
        }
        return try json(
            Detail(
                cost: costPrice, receipt: invoiceID,
                goods: goodsDetail?.map {
                    Goods(
                        id: $0.merchantGoodsID, wechatID: $0.wechatpayGoodsID, name: $0.goodsName, quantity: $0.quantity,
                        price: $0.unitPrice)
                }), "wechat.detail")
    }
}

private func json(_ value: some Encodable, _ field: String) throws(WeChatPayError) -> String {
    do {
        return String(decoding: try StrictJSON.encode(value), as: UTF8.self)
    } catch {
        throw WeChatPayError(.invalidArgument, "\(field): cannot be written as JSON", underlying: error)
    }
}
