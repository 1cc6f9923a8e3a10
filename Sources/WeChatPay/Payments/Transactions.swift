/// Orders of a direct merchant in the API v3: `client.transactions`.
///
/// A prepay request may be repeated with the same parameters while its order is unpaid; it then gives a fresh answer.
/// Each operation throws ``WeChatPayError`` with code `invalidArgument` before anything is sent, `refused` with WeChat's
/// code, and what a transport or a signature may give; ``WeChatPayError/advice`` says what to do.
public struct Transactions: Sendable {
    let client: Client

    var mchid: String { client.merchant.mchid }
    var endpoint: OrderEndpoint { OrderEndpoint(client: client, path: "/v3/pay/transactions") }

    /// Places an order for a mini-program or an official account: `POST /v3/pay/transactions/jsapi` (《JSAPI/小程序下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func jsapi(_ request: JSAPIPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        try await endpoint.prepay("jsapi", request.body(mchid: mchid))
    }

    /// Places an order for another app: `POST /v3/pay/transactions/app` (《APP下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func app(_ request: AppPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        try await endpoint.prepay("app", request.body(mchid: mchid))
    }

    /// Places an order for a browser outside WeChat: `POST /v3/pay/transactions/h5` (《H5下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func h5(_ request: H5PrepayRequest) async throws(WeChatPayError) -> H5PrepayResponse {
        try await endpoint.prepay("h5", request.body(mchid: mchid))
    }

    /// Places an order for a QR code: `POST /v3/pay/transactions/native` (《Native下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func native(_ request: NativePrepayRequest) async throws(WeChatPayError) -> NativePrepayResponse {
        try await endpoint.prepay("native", request.body(mchid: mchid))
    }

    /// Charges a payer's code: `POST /v3/pay/transactions/codepay` (《付款码支付》).
    ///
    /// Sent once and never to the backup host, since a second charge could take the money twice.
    ///
    /// - Throws: ``WeChatPayError``; its advice is `stop` when WeChat refused, otherwise `askForTheOrder`, never `sendAgain`.
    public func codePay(_ request: CodePayRequest) async throws(WeChatPayError) -> CodePayAnswer<Transaction> {
        let (mchid, outTradeNo) = (mchid, request.order.outTradeNo)
        return try await endpoint.codePay(request.body(mchid: mchid), state: \.trade.tradeState) {
            $0.mchid == mchid && $0.outTradeNo == outTradeNo
        }
    }

    /// Takes a charge of a payer's code back: `POST /v3/pay/transactions/out-trade-no/{n}/reverse` (《撤销订单》).
    ///
    /// An unpaid order is closed, a paid one is given back. Not before 15 seconds after the charge, and at most seven days
    /// after it. Sent once; reversing again is safe, and is what to do after an unknown outcome.
    ///
    /// - Throws: ``WeChatPayError``; see its advice.
    public func reverse(appid: String, outTradeNo: String) async throws(WeChatPayError) {
        try await endpoint.reverse(outTradeNo, .direct(appid: appid, mchid: mchid))
    }

    /// Asks for an order by the merchant's number: `GET /v3/pay/transactions/out-trade-no/{n}` (《商户订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(outTradeNo: String) async throws(WeChatPayError) -> Transaction {
        try await query(OrderEndpoint.number(outTradeNo: outTradeNo)) { $0.outTradeNo == outTradeNo }
    }

    /// The same; with `once` in a single attempt, which never goes to the backup host.
    package func query(outTradeNo: String, once: Bool) async throws(WeChatPayError) -> Transaction {
        try await query(OrderEndpoint.number(outTradeNo: outTradeNo), isIdempotent: !once) { $0.outTradeNo == outTradeNo }
    }

    /// Asks for an order by WeChat's number: `GET /v3/pay/transactions/id/{n}` (《微信支付订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(transactionID: String) async throws(WeChatPayError) -> Transaction {
        try await query(OrderEndpoint.number(transactionID: transactionID)) { $0.transactionID == transactionID }
    }

    /// Closes an unpaid order: `POST /v3/pay/transactions/out-trade-no/{n}/close` (《关闭订单》). Closing twice is fine; a
    /// charge of a payer's code is reversed instead.
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderPaid`` when it is paid.
    public func close(outTradeNo: String) async throws(WeChatPayError) {
        try await endpoint.close(OrderEndpoint.number(outTradeNo: outTradeNo), TextBody(texts: ["mchid": mchid]))
    }

    /// Signs what the page hands to `wx.requestPayment` or to the official account's bridge (《小程序调起支付》,
    /// 《JSAPI调起支付》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the order.
    ///   - prepayID: from ``jsapi(_:)``.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func requestPaymentParameters(
        appid: String, prepayID: String
    ) throws(WeChatPayError) -> RequestPaymentParameters {
        try client.requestPaymentParameters(appid: appid, prepayID: prepayID)
    }

    /// Signs what the app hands to WeChat's OpenSDK (《APP调起支付》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the order.
    ///   - prepayID: from ``app(_:)``.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func appPaymentParameters(appid: String, prepayID: String) throws(WeChatPayError) -> AppPaymentParameters {
        try client.appPaymentParameters(appid: appid, prepayID: prepayID)
    }

    func query(
        _ number: String, isIdempotent: Bool = true, isAsked: (Transaction) -> Bool
    ) async throws(WeChatPayError) -> Transaction {
        let mchid = mchid
        return try await endpoint.query(number, [("mchid", mchid)], isIdempotent: isIdempotent) {
            $0.mchid == mchid && isAsked($0)
        }
    }
}
