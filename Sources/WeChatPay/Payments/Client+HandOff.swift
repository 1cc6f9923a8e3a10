extension Client {
    /// The five fields for a mini-program or an official account, whose signature covers `prepay_id=…`.
    func requestPaymentParameters(appid: String, prepayID: String) throws(WeChatPayError) -> RequestPaymentParameters {
        let package = "prepay_id=\(prepayID)"
        let (timestamp, nonce, signature) = try handOff(appid: appid, prepayID: prepayID, signed: package)
        return RequestPaymentParameters(timeStamp: timestamp, nonceStr: nonce, package: package, paySign: signature)
    }

    /// The seven fields for an app, whose signature covers the bare prepayment session.
    func appPaymentParameters(appid: String, prepayID: String) throws(WeChatPayError) -> AppPaymentParameters {
        let (timestamp, nonce, signature) = try handOff(appid: appid, prepayID: prepayID, signed: prepayID)
        return AppPaymentParameters(
            appId: appid, partnerId: merchant.mchid, prepayId: prepayID, nonceStr: nonce, timeStamp: timestamp, sign: signature)
    }

    private func handOff(
        appid: String, prepayID: String, signed: String
    ) throws(WeChatPayError) -> (timestamp: String, nonce: String, signature: String) {
        guard !appid.isEmpty, !appid.hasControlCharacter else { throw WeChatPayError(.invalidArgument, "appid: blank") }
        guard !prepayID.isEmpty, !prepayID.hasControlCharacter else {
            throw WeChatPayError(.invalidArgument, "prepay_id: blank")
        }
        let timestamp = String(clock.now.seconds)
        let nonce = random.alphanumeric(32)
        let signature = try merchant.sign(
            SignString.payment(appid: appid, timestamp: timestamp, nonce: nonce, package: signed))
        return (timestamp, nonce, signature)
    }
}
