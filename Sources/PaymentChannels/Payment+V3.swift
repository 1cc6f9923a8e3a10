import PaymentPrimitives
import Payments
import WeChatPay

extension PrepayOrder {
    /// What WeChat is told about a payment, each time the same.
    init(_ payment: Payment) {
        let options = payment.options
        self.init(
            description: payment.description, outTradeNo: payment.outTradeNo, notifyURL: payment.notifyURL,
            amount: payment.amount, timeExpire: payment.expiresAt, attach: payment.attach, goodsTag: options.goodsTag,
            limitPay: (options.limitPay ?? []).map(LimitPay.init), supportFapiao: options.supportFapiao,
            detail: options.detail?.orderDetail, settleInfo: options.settleInfo?.settleInfo)
    }
}

extension CodePayOrder {
    /// A charge of a payer's code.
    init(_ payment: Payment, authCode: Secret) throws(WeChatPayError) {
        let options = payment.options
        guard let scene = options.scene, let store = scene.storeInfo else {
            throw WeChatPayError(.invalidArgument, "scene_info.store_info: missing")
        }
        self.init(
            description: payment.description, outTradeNo: payment.outTradeNo, amount: payment.amount,
            authCode: authCode.withBytes { String(decoding: $0, as: UTF8.self) },
            // The id is the merchant's own, as it is in prepay requests.
            sceneInfo: CodePaySceneInfo(store: .outID(store.id), deviceID: scene.deviceID, deviceIP: scene.deviceIP),
            attach: payment.attach, goodsTag: options.goodsTag, supportFapiao: options.supportFapiao,
            detail: options.detail?.orderDetail, settleInfo: options.settleInfo?.settleInfo)
    }
}

extension Payment {
    /// Where the payer's browser is.
    func h5Scene() throws(WeChatPayError) -> (scene: SceneInfo, page: H5Info) {
        guard let scene = options.scene?.sceneInfo, let page = options.scene?.h5Info else {
            throw WeChatPayError(.invalidArgument, "scene_info: missing")
        }
        return (scene, H5Info(type: H5Info.Kind(rawValue: page.type), appName: page.appName, appURL: page.appURL))
    }
}

extension PaymentOptions.Scene {
    /// Nil where the payer's address is not known, without which WeChat wants no scene.
    var sceneInfo: SceneInfo? {
        payerClientIP.map {
            SceneInfo(
                payerClientIP: $0, deviceID: deviceID,
                storeInfo: storeInfo.map {
                    StoreInfo(id: $0.id, name: $0.name, areaCode: $0.areaCode, address: $0.address)
                })
        }
    }
}

extension PaymentOptions.Detail {
    var orderDetail: OrderDetail {
        OrderDetail(
            costPrice: costPrice, invoiceID: invoiceID,
            goodsDetail: (goodsDetail ?? []).map {
                GoodsDetail(
                    merchantGoodsID: $0.merchantGoodsID, wechatpayGoodsID: $0.wechatpayGoodsID, goodsName: $0.goodsName,
                    quantity: $0.quantity, unitPrice: $0.unitPrice)
            })
    }
}

extension PaymentOptions.SettleInfo {
    var settleInfo: SettleInfo? { profitSharing.map(SettleInfo.init) }
}
