extension JSAPIPrepayRequest {
    /// The JSON body; made once, signed and sent as these bytes.
    func body(mchid: String) throws(WeChatPayError) -> [UInt8] {
        do {
            return try StrictJSON.encode(Body(request: self, mchid: mchid))
        } catch {
            throw WeChatPayError(.invalidArgument, "the request cannot be written as JSON")
        }
    }

    private struct Body: Encodable {
        let request: JSAPIPrepayRequest
        let mchid: String

        enum CodingKeys: String, CodingKey {
            case appid, mchid, description, attach, amount, payer, detail
            case outTradeNo = "out_trade_no"
            case timeExpire = "time_expire"
            case notifyURL = "notify_url"
            case goodsTag = "goods_tag"
            case limitPay = "limit_pay"
            case supportFapiao = "support_fapiao"
            case sceneInfo = "scene_info"
            case settleInfo = "settle_info"
        }

        struct Amount: Encodable {
            let total: Int64
            let currency: Currency
        }

        /// WeChat wants no `null` and no field that it does not know: what is absent is left out.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(request.appid, forKey: .appid)
            try container.encode(mchid, forKey: .mchid)
            try container.encode(request.description, forKey: .description)
            try container.encode(request.outTradeNo, forKey: .outTradeNo)
            try container.encodeIfPresent(request.timeExpire?.rfc3339, forKey: .timeExpire)
            try container.encodeIfPresent(request.attach, forKey: .attach)
            try container.encode(request.notifyURL, forKey: .notifyURL)
            try container.encodeIfPresent(request.goodsTag, forKey: .goodsTag)
            if !request.limitPay.isEmpty { try container.encode(request.limitPay, forKey: .limitPay) }
            try container.encodeIfPresent(request.supportFapiao, forKey: .supportFapiao)
            try container.encode(Amount(total: request.amount.fen, currency: request.amount.currency), forKey: .amount)
            try container.encode(["openid": request.payerOpenID], forKey: .payer)
            try container.encodeIfPresent(request.detail, forKey: .detail)
            try container.encodeIfPresent(request.sceneInfo, forKey: .sceneInfo)
            try container.encodeIfPresent(request.settleInfo, forKey: .settleInfo)
        }
    }
}
