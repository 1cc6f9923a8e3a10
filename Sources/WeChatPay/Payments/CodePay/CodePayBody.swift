/// The body of a charge.
struct CodePayBody: CheckedBody {
    let payee: Payee
    let order: CodePayOrder

    private enum CodingKeys: String, CodingKey {
        case description, attach, amount, payer, detail
        case outTradeNo = "out_trade_no"
        case goodsTag = "goods_tag"
        case supportFapiao = "support_fapiao"
        case sceneInfo = "scene_info"
        case settleInfo = "settle_info"
    }

    func encode(to encoder: any Encoder) throws {
        try payee.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(order.description, forKey: .description)
        try container.encode(order.outTradeNo, forKey: .outTradeNo)
        try container.encode(OrderAmount(order.amount), forKey: .amount)
        try container.encode(["auth_code": order.authCode], forKey: .payer)
        try container.encode(order.sceneInfo, forKey: .sceneInfo)
        try container.encodeIfPresent(order.attach, forKey: .attach)
        try container.encodeIfPresent(order.goodsTag, forKey: .goodsTag)
        try container.encodeIfPresent(order.supportFapiao, forKey: .supportFapiao)
        try container.encodeIfPresent(order.detail.map(Detail.init), forKey: .detail)
        try container.encodeIfPresent(order.settleInfo, forKey: .settleInfo)
    }

    /// Code pay has a name of its own for WeChat's number of the goods.
    private struct Detail: Encodable {
        let detail: OrderDetail

        func encode(to encoder: any Encoder) throws { try detail.encode(to: encoder, wechatNumber: .wxpayGoodsID) }
    }

    func validate() throws(WeChatPayError) {
        try payee.validate()
        try WeChatText.check(order.description, "description", 1...127)
        try WeChatText.checkOutTradeNo(order.outTradeNo)
        try OrderAmount(order.amount).validate()
        guard (1...32).contains(order.authCode.utf8.count), order.authCode.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw WeChatPayError(.invalidArgument, "payer.auth_code: not 1 to 32 digits; scan the payer's code again") }
        try order.sceneInfo.validate()
        try WeChatText.check(order.attach, "attach", 0...128)
        try WeChatText.check(order.goodsTag, "goods_tag", 0...32)
        try order.detail?.validate(wechatNumber: .wxpayGoodsID)
    }
}
