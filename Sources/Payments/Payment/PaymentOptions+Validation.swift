import PaymentPrimitives

extension PaymentOptions {
    /// Refuses, naming the field, what WeChat would refuse (《JSAPI/小程序下单》, 《H5下单》, 《付款码支付》).
    ///
    /// - Throws: ``PaymentError`` `.invalidRequest`.
    func validate(for method: PaymentMethod) throws(PaymentError) {
        try NewPayment.text(goodsTag, "wechat.goods_tag", 1...32)
        if let limitPay {
            if method == .codePay { throw NewPayment.refuse("wechat.limit_pay", "is not to be had with codepay") }
            guard (1...8).contains(limitPay.count) else {
                throw NewPayment.refuse("wechat.limit_pay", "must have 1 to 8 entries")
            }
            for (index, word) in limitPay.enumerated() { try NewPayment.text(word, "wechat.limit_pay[\(index)]", 1...32) }
        }
        try detail?.validate()
        try scene?.validate(for: method)
        switch method {
        case .h5 where scene?.payerClientIP == nil:
            throw NewPayment.refuse("scene.payer_client_ip", "is required for h5")
        case .codePay where scene?.storeInfo == nil:
            throw NewPayment.refuse("scene.store_info", "is required for codepay: the shop in which the code is shown")
        case .miniProgram, .jsapi, .native, .h5, .app, .codePay: return
        }
    }
}

extension PaymentOptions.Detail {
    fileprivate func validate() throws(PaymentError) {
        if let costPrice, costPrice < 0 { throw NewPayment.refuse("wechat.detail.cost_price", "must not be negative") }
        try NewPayment.text(invoiceID, "wechat.detail.invoice_id", 1...32)
        guard let goodsDetail else { return }
        // A request is at most 64 KB long, so that WeChat's 6,000 are never reached.
        guard !goodsDetail.isEmpty else { throw NewPayment.refuse("wechat.detail.goods_detail", "must not be empty") }
        for (index, goods) in goodsDetail.enumerated() {
            let path = "wechat.detail.goods_detail[\(index)]"
            try NewPayment.text(goods.merchantGoodsID, "\(path).merchant_goods_id", 1...32)
            try NewPayment.text(goods.wechatpayGoodsID, "\(path).wechatpay_goods_id", 1...32)
            try NewPayment.text(goods.goodsName, "\(path).goods_name", 1...256)
            guard goods.quantity >= 1 else { throw NewPayment.refuse("\(path).quantity", "must be at least 1") }
            guard goods.unitPrice >= 0 else { throw NewPayment.refuse("\(path).unit_price", "must not be negative") }
        }
    }
}

extension PaymentOptions.Scene {
    fileprivate func validate(for method: PaymentMethod) throws(PaymentError) {
        try NewPayment.text(payerClientIP, "scene.payer_client_ip", 1...45)
        try NewPayment.text(deviceID, "scene.device_id", 1...32)
        try NewPayment.text(deviceIP, "scene.device_ip", 1...45)
        if method == .codePay, payerClientIP != nil {
            throw NewPayment.refuse("scene.payer_client_ip", "is not to be had with codepay; the till's is device_ip")
        }
        if method != .codePay, deviceIP != nil { throw NewPayment.refuse("scene.device_ip", "is for codepay alone") }
        // WeChat wants the payer's address wherever it is told anything about the place.
        if method != .codePay, payerClientIP == nil, deviceID != nil || storeInfo != nil {
            throw NewPayment.refuse("scene.payer_client_ip", "is required when a device or a shop is named")
        }
        if let storeInfo {
            try NewPayment.text(storeInfo.id, "scene.store_info.id", 1...32)
            try NewPayment.text(storeInfo.name, "scene.store_info.name", 1...256)
            try NewPayment.text(storeInfo.areaCode, "scene.store_info.area_code", 1...32)
            try NewPayment.text(storeInfo.address, "scene.store_info.address", 1...512)
        }
        guard let h5Info else { return }
        guard method == .h5 else { throw NewPayment.refuse("scene.h5_info", "is for h5 alone") }
        guard ["iOS", "Android", "Wap"].contains(h5Info.type) else {
            throw NewPayment.refuse("scene.h5_info.type", "must be iOS, Android or Wap")
        }
        try NewPayment.text(h5Info.appName, "scene.h5_info.app_name", 1...64)
        try NewPayment.text(h5Info.appURL, "scene.h5_info.app_url", 1...128)
    }
}
