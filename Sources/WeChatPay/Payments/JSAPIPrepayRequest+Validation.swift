extension JSAPIPrepayRequest {
    /// Refuses what WeChat would refuse, before anything is sent.
    func validate() throws(WeChatPayError) {
        try WeChatText.check(appid, "appid", 1...32)
        try WeChatText.check(description, "description", 1...127)
        try WeChatText.checkOutTradeNo(outTradeNo)
        try WeChatText.checkNotifyURL(notifyURL)
        try WeChatText.check(payerOpenID, "payer.openid", 1...128)
        try WeChatText.check(attach, "attach", 0...128)
        try WeChatText.check(goodsTag, "goods_tag", 0...32)
        try WeChatText.check(amount.currency.rawValue, "amount.currency", 1...16)
        guard amount.fen >= 1 else { throw WeChatPayError(.invalidArgument, "amount.total: \(amount.fen), at least 1") }
        if let timeExpire, !Self.writableTimes.contains(timeExpire) {
            throw WeChatPayError(.invalidArgument, "time_expire: not a year of four digits")
        }
        for word in limitPay { try WeChatText.check(word.rawValue, "limit_pay", 1...32) }
        try detail?.validate()
        try sceneInfo?.validate()
    }

    /// From 1970 to 9999.
    private static let writableTimes = Timestamp(seconds: 0)..<Timestamp(seconds: 253_402_243_200)
}
