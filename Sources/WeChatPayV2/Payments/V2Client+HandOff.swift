extension V2Client {
    /// The argument of `wx.requestPayment` and `getBrandWCPayRequest`, signed as the order was (《小程序调起支付》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the page; it is signed and, for a mini-program, not passed.
    ///   - prepayID: from ``unifiedOrder(_:)``.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument`.
    public func requestPaymentParameters(
        appid: String, prepayID: String
    ) throws(WeChatPayError) -> RequestPaymentParameters {
        try Self.check(appid, prepayID)
        let (timeStamp, nonce, package) = (String(clock.now.seconds), random.alphanumeric(32), "prepay_id=\(prepayID)")
        let signature = sign([
            ("appId", appid), ("timeStamp", timeStamp), ("nonceStr", nonce), ("package", package),
            ("signType", merchant.signType.rawValue),
        ])
        return RequestPaymentParameters(
            timeStamp: timeStamp, nonceStr: nonce, package: package, signType: merchant.signType.rawValue, paySign: signature)
    }

    /// What an app hands to WeChat's OpenSDK, signed as the order was (《APP调起支付》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument`.
    public func appPaymentParameters(appid: String, prepayID: String) throws(WeChatPayError) -> AppPaymentParameters {
        try Self.check(appid, prepayID)
        let (timeStamp, nonce) = (String(clock.now.seconds), random.alphanumeric(32))
        let signature = sign([
            ("appid", appid), ("partnerid", merchant.mchid), ("prepayid", prepayID), ("package", "Sign=WXPay"),
            ("noncestr", nonce), ("timestamp", timeStamp),
        ])
        return AppPaymentParameters(
            appId: appid, partnerId: merchant.mchid, prepayId: prepayID, nonceStr: nonce, timeStamp: timeStamp,
            sign: signature)
    }

    private func sign(_ values: [(String, String)]) -> String {
        var fields = XMLFields()
        for (name, value) in values { fields[name] = value }
        return V2Signature.sign(fields, key: merchant.apiKey, type: merchant.signType)
    }

    private static func check(_ appid: String, _ prepayID: String) throws(WeChatPayError) {
        guard !appid.isEmpty, !appid.hasControlCharacter else { throw WeChatPayError(.invalidArgument, "appid: blank") }
        // An `&` would let one value stand for two in what is signed.
        guard !prepayID.isEmpty, !prepayID.hasControlCharacter, !prepayID.contains("&") else {
            throw WeChatPayError(.invalidArgument, "prepay_id: blank, or not one")
        }
    }
}
