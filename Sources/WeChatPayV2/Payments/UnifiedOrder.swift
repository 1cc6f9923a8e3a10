/// An order that waits for its payer (《统一下单》).
public struct UnifiedOrderRequest: Hashable, Sendable {
    /// The official account, mini-program or app; a service provider's own. At most 32 bytes.
    public var appid: String
    /// What is bought.
    public var order: V2Order
    /// Where WeChat reports the payment: absolute, with a path, without query, at most 256 bytes.
    public var notifyURL: String
    /// How it will be paid.
    public var kind: Kind
    /// For a service provider: whom the payment is for.
    public var sub: V2SubMerchant?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: V2Order, notifyURL: String, kind: Kind, sub: V2SubMerchant? = nil) {
        self.appid = appid
        self.order = order
        self.notifyURL = notifyURL
        self.kind = kind
        self.sub = sub
    }

    /// How an order will be paid (`trade_type`).
    public enum Kind: Hashable, Sendable {
        /// In a mini-program or official account, by this user of ``UnifiedOrderRequest/appid``.
        case jsapi(openid: String)
        /// In the sub-merchant's mini-program or official account, by this user of its app.
        case subJSAPI(subOpenid: String)
        /// By a QR code; the merchant's number of the goods, at most 32 bytes.
        case native(productID: String)
        /// From another app.
        case app
        /// In a browser outside WeChat: `scene_info`, JSON such as
        /// `{"h5_info":{"type":"Wap","wap_url":"https://shop.example.com","wap_name":"…"}}`.
        case h5(sceneInfo: String)

        /// WeChat's word for it.
        public var tradeType: TradeType {
            switch self {
            case .jsapi, .subJSAPI: .jsapi
            case .native: .native
            case .app: .app
            case .h5: .mweb
            }
        }
    }

    func fields() throws(WeChatPayError) -> XMLFields {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try order.write(to: &fields)
        try WeChatText.checkNotifyURL(notifyURL, longest: 256)
        fields["notify_url"] = notifyURL
        fields["trade_type"] = kind.tradeType.rawValue
        switch kind {
        case .jsapi(let openid): try fields.add(openid, "openid", 1...128)
        case .subJSAPI(let openid):
            guard sub?.subAppid != nil else {
                throw WeChatPayError(.invalidArgument, "sub_openid: needs the sub-merchant's app id, sub_appid")
            }
            try fields.add(openid, "sub_openid", 1...128)
        case .native(let productID): try fields.add(productID, "product_id", 1...32)
        case .app: break
        case .h5(let sceneInfo):
            guard order.sceneInfo == nil else {
                throw WeChatPayError(.invalidArgument, "scene_info: given twice, in the order and in its kind")
            }
            try fields.add(sceneInfo, "scene_info", 1...256)
        }
        return fields
    }
}

/// What a placed order is paid with.
public struct UnifiedOrder: Hashable, Sendable {
    /// The prepayment session, valid for two hours.
    public let prepayID: String
    /// Of a Native order: the content of its QR code, valid for two hours.
    public let codeURL: String?
    /// Of an H5 order: the page that opens WeChat, valid for five minutes.
    public let mwebURL: String?

    /// ``mwebURL`` with the page to which the payer comes back, percent-encoded as `redirect_url` (《H5支付》).
    ///
    /// Coming back says nothing about the payment: query the order.
    ///
    /// - Parameter page: an absolute address below the domain that is registered for H5 payments.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` when it is blank or has a control character, or the order is no
    ///   H5 order.
    public func url(returningTo page: String) throws(WeChatPayError) -> String {
        guard let mwebURL else { throw WeChatPayError(.invalidArgument, "mweb_url: this is no H5 order") }
        guard !page.isEmpty, !page.hasControlCharacter else {
            throw WeChatPayError(.invalidArgument, "redirect_url: blank, or with a control character")
        }
        return mwebURL + (mwebURL.contains("?") ? "&" : "?") + "redirect_url=" + PercentEncoding.encode(page)
    }
}

extension V2Client {
    /// Places an order: `POST /pay/unifiedorder` (《统一下单》). The same request again gives a session again.
    ///
    /// - Throws: ``WeChatPayError``: `invalidArgument` names a field before anything is sent; `refused` with WeChat's code.
    public func unifiedOrder(_ request: UnifiedOrderRequest) async throws(WeChatPayError) -> UnifiedOrder {
        let answer = try await post("/pay/unifiedorder", request.fields(), isIdempotent: true)
        let order = UnifiedOrder(
            prepayID: try answer.text("prepay_id"), codeURL: answer.optionalText("code_url"),
            mwebURL: answer.optionalText("mweb_url"))
        let essential: String?
        switch request.kind {
        case .native: essential = order.codeURL
        case .h5: essential = order.mwebURL
        case .jsapi, .subJSAPI, .app: essential = order.prepayID
        }
        guard answer.optionalText("trade_type") ?? request.kind.tradeType.rawValue == request.kind.tradeType.rawValue else {
            throw WeChatPayError.v2Malformed("the answer is about an order of another trade_type")
        }
        guard let essential, !essential.hasControlCharacter else {
            throw WeChatPayError.v2Malformed("the answer has nothing to pay \(request.kind.tradeType) with")
        }
        return order
    }

    /// Asks for an order: `POST /pay/orderquery` (《查询订单》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the order.
    ///   - number: of the order.
    ///   - sub: for a service provider, whom the payment is for.
    ///   - once: whether to ask once, at the first host: a backup may not know a charge yet.
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist``, which is no proof while the order is
    ///   being placed.
    public func query(
        appid: String, _ number: V2OrderNumber, sub: V2SubMerchant? = nil, once: Bool = false
    ) async throws(WeChatPayError) -> V2Transaction {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try number.write(to: &fields)
        let answer = try await post("/pay/orderquery", fields, isIdempotent: !once)
        guard let state = answer.optionalText("trade_state") else {
            throw WeChatPayError.v2Malformed("trade_state is missing")
        }
        let order = try V2Transaction(answer, state: TradeState(rawValue: state))
        guard number.isAnswered(outTradeNo: order.outTradeNo, transactionID: order.transactionID),
            sub == nil || order.subMchid == nil || order.subMchid == sub?.subMchid
        else { throw WeChatPayError.v2Malformed("the answer is about another order or merchant") }
        return order
    }

    /// Closes an unpaid order: `POST /pay/closeorder` (《关闭订单》). WeChat asks to wait five minutes after it was placed.
    /// Ask for the order afterwards: a payment can win the race.
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderPaid`` when it was paid before. That it was closed
    ///   before is no error.
    public func close(appid: String, outTradeNo: String, sub: V2SubMerchant? = nil) async throws(WeChatPayError) {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try V2OrderNumber.outTradeNo(outTradeNo).write(to: &fields)
        do throws(WeChatPayError) {
            _ = try await post("/pay/closeorder", fields, isIdempotent: true)
        } catch {
            guard error.isVerified, error.wechatCode?.canonical == .orderClosed else { throw error }
        }
    }

    /// The payer's openid behind a payment code: `POST /tools/authcodetoopenid` (《付款码查询openid》). The code belongs to this
    /// merchant then.
    ///
    /// - Throws: ``WeChatPayError``; `refused` when the code is old or wrong.
    public func openid(
        authCode: String, appid: String, sub: V2SubMerchant? = nil
    ) async throws(WeChatPayError) -> (openid: String, subOpenid: String?) {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try MicropayRequest.add(authCode: authCode, to: &fields)
        let answer = try await post("/tools/authcodetoopenid", fields, isIdempotent: true)
        return (try answer.text("openid"), answer.optionalText("sub_openid"))
    }
}
