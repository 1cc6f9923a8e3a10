extension Client {
    /// Orders of a service provider's sub-merchants.
    public var partnerTransactions: PartnerTransactions { PartnerTransactions(client: self) }
}

/// Orders of a service provider's sub-merchants in the API v3: `client.partnerTransactions`. The client's merchant is the
/// service provider.
///
/// The operations are those of ``Transactions``, and so are their errors.
public struct PartnerTransactions: Sendable {
    let client: Client

    var spMchid: String { client.merchant.mchid }
    var endpoint: OrderEndpoint { OrderEndpoint(client: client, path: "/v3/pay/partner/transactions") }

    /// Places an order for a mini-program or an official account: `POST /v3/pay/partner/transactions/jsapi`
    /// (《服务商 JSAPI/小程序下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func jsapi(_ request: PartnerJSAPIPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        try await endpoint.prepay("jsapi", request.body(spMchid: spMchid))
    }

    /// Places an order for another app: `POST /v3/pay/partner/transactions/app` (《服务商 APP下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func app(_ request: PartnerAppPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        try await endpoint.prepay("app", request.body(spMchid: spMchid))
    }

    /// Places an order for a browser outside WeChat: `POST /v3/pay/partner/transactions/h5` (《服务商 H5下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func h5(_ request: PartnerH5PrepayRequest) async throws(WeChatPayError) -> H5PrepayResponse {
        try await endpoint.prepay("h5", request.body(spMchid: spMchid))
    }

    /// Places an order for a QR code: `POST /v3/pay/partner/transactions/native` (《服务商 Native下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func native(_ request: PartnerNativePrepayRequest) async throws(WeChatPayError) -> NativePrepayResponse {
        try await endpoint.prepay("native", request.body(spMchid: spMchid))
    }

    /// Charges a payer's code: `POST /v3/pay/partner/transactions/codepay` (《服务商 付款码支付》).
    ///
    /// Sent once and never to the backup host, since a second charge could take the money twice.
    ///
    /// - Throws: ``WeChatPayError``; its advice is `stop` when WeChat refused, otherwise `askForTheOrder`, never `sendAgain`.
    public func codePay(
        _ request: PartnerCodePayRequest
    ) async throws(WeChatPayError) -> CodePayAnswer<PartnerTransaction> {
        let spMchid = spMchid
        return try await endpoint.codePay(request.body(spMchid: spMchid), state: \.trade.tradeState) {
            $0.spMchid == spMchid && $0.subMchid == request.subMchid && $0.outTradeNo == request.order.outTradeNo
        }
    }

    /// Takes a charge of a payer's code back: `POST /v3/pay/partner/transactions/out-trade-no/{n}/reverse`
    /// (《服务商 撤销订单》); see ``Transactions/reverse(appid:outTradeNo:)``.
    ///
    /// - Throws: ``WeChatPayError``; see its advice.
    public func reverse(
        spAppid: String, subMchid: String, subAppid: String? = nil, outTradeNo: String
    ) async throws(WeChatPayError) {
        try await endpoint.reverse(
            outTradeNo, .partner(spAppid: spAppid, spMchid: spMchid, subAppid: subAppid, subMchid: subMchid))
    }

    /// Asks for an order by the merchant's number: `GET /v3/pay/partner/transactions/out-trade-no/{n}`
    /// (《服务商 商户订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(outTradeNo: String, subMchid: String) async throws(WeChatPayError) -> PartnerTransaction {
        try await query(OrderEndpoint.number(outTradeNo: outTradeNo), subMchid) { $0.outTradeNo == outTradeNo }
    }

    /// The same; with `once` in a single attempt, which never goes to the backup host.
    package func query(outTradeNo: String, subMchid: String, once: Bool) async throws(WeChatPayError) -> PartnerTransaction {
        try await query(OrderEndpoint.number(outTradeNo: outTradeNo), subMchid, isIdempotent: !once) {
            $0.outTradeNo == outTradeNo
        }
    }

    /// Asks for an order by WeChat's number: `GET /v3/pay/partner/transactions/id/{n}` (《服务商 微信支付订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(transactionID: String, subMchid: String) async throws(WeChatPayError) -> PartnerTransaction {
        try await query(OrderEndpoint.number(transactionID: transactionID), subMchid) { $0.transactionID == transactionID }
    }

    /// Closes an unpaid order: `POST /v3/pay/partner/transactions/out-trade-no/{n}/close` (《服务商 关闭订单》). Closing twice
    /// is fine; a charge of a payer's code is reversed instead.
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderPaid`` when it is paid.
    public func close(outTradeNo: String, subMchid: String) async throws(WeChatPayError) {
        try WeChatText.checkMchid(subMchid, "sub_mchid")
        try await endpoint.close(
            OrderEndpoint.number(outTradeNo: outTradeNo), TextBody(texts: ["sp_mchid": spMchid, "sub_mchid": subMchid]))
    }

    /// Signs what the page hands to `wx.requestPayment` or to the official account's bridge (《小程序调起支付》,
    /// 《JSAPI调起支付》): in the name of the sub-merchant's app where the order has one.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func requestPaymentParameters(
        spAppid: String, subAppid: String? = nil, prepayID: String
    ) throws(WeChatPayError) -> RequestPaymentParameters {
        try client.requestPaymentParameters(appid: subAppid ?? spAppid, prepayID: prepayID)
    }

    /// Signs what the app hands to WeChat's OpenSDK (《APP调起支付》): in the name of the sub-merchant's app where the order
    /// has one. Its `partnerId` is the service provider.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func appPaymentParameters(
        spAppid: String, subAppid: String? = nil, prepayID: String
    ) throws(WeChatPayError) -> AppPaymentParameters {
        try client.appPaymentParameters(appid: subAppid ?? spAppid, prepayID: prepayID)
    }

    func query(
        _ number: String, _ subMchid: String, isIdempotent: Bool = true, isAsked: (PartnerTransaction) -> Bool
    ) async throws(WeChatPayError) -> PartnerTransaction {
        try WeChatText.checkMchid(subMchid, "sub_mchid")
        let spMchid = spMchid
        return try await endpoint.query(
            number, [("sp_mchid", spMchid), ("sub_mchid", subMchid)], isIdempotent: isIdempotent
        ) {
            $0.spMchid == spMchid && $0.subMchid == subMchid && isAsked($0)
        }
    }
}
