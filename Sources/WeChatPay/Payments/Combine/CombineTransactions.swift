extension Client {
    /// Combined orders (合单).
    public var combineTransactions: CombineTransactions { CombineTransactions(client: self) }
}

/// Combined orders (合单) in the API v3: `client.combineTransactions`. All orders in one are paid together.
///
/// The operations are those of ``Transactions``, and so are their errors.
public struct CombineTransactions: Sendable {
    let client: Client

    private var mchid: String { client.merchant.mchid }
    private var endpoint: OrderEndpoint { OrderEndpoint(client: client, path: "/v3/combine-transactions") }

    /// Places a combined order for a mini-program or an official account: `POST /v3/combine-transactions/jsapi`
    /// (《合单 JSAPI/小程序下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func jsapi(_ request: CombineJSAPIPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        let body = CombineBody(
            mchid: mchid, order: request.order, payerOpenID: request.payerOpenID, sceneInfo: request.sceneInfo)
        return try await endpoint.prepay("jsapi", body)
    }

    /// Places a combined order for another app: `POST /v3/combine-transactions/app` (《合单 APP下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func app(_ request: CombineAppPrepayRequest) async throws(WeChatPayError) -> PrepayResponse {
        try await endpoint.prepay("app", CombineBody(mchid: mchid, order: request.order, sceneInfo: request.sceneInfo))
    }

    /// Places a combined order for a browser outside WeChat: `POST /v3/combine-transactions/h5` (《合单 H5下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func h5(_ request: CombineH5PrepayRequest) async throws(WeChatPayError) -> H5PrepayResponse {
        let body = CombineBody(
            mchid: mchid, order: request.order, sceneInfo: request.sceneInfo, h5Info: request.h5Info)
        return try await endpoint.prepay("h5", body)
    }

    /// Places a combined order for a QR code: `POST /v3/combine-transactions/native` (《合单 Native下单》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func native(_ request: CombineNativePrepayRequest) async throws(WeChatPayError) -> NativePrepayResponse {
        try await endpoint.prepay("native", CombineBody(mchid: mchid, order: request.order, sceneInfo: request.sceneInfo))
    }

    /// Asks for a combined order: `GET /v3/combine-transactions/out-trade-no/{n}` (《合单查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(combineOutTradeNo: String) async throws(WeChatPayError) -> CombineTransaction {
        let mchid = mchid
        return try await endpoint.query(Self.number(combineOutTradeNo), []) { (order: CombineTransaction) in
            order.combineOutTradeNo == combineOutTradeNo && order.combineMchid == mchid
        }
    }

    /// Closes an unpaid combined order: `POST /v3/combine-transactions/out-trade-no/{n}/close` (《合单关闭订单》).
    ///
    /// - Parameters:
    ///   - combineAppid: the app id of the combined order.
    ///   - combineOutTradeNo: its number.
    ///   - subOrders: exactly the orders of the prepay request, or WeChat refuses.
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderPaid`` when it is paid.
    public func close(
        combineAppid: String, combineOutTradeNo: String, subOrders: [CombineOrder.SubOrderReference]
    ) async throws(WeChatPayError) {
        try await endpoint.close(
            Self.number(combineOutTradeNo), CombineCloseBody(combineAppid: combineAppid, subOrders: subOrders))
    }

    /// Signs what the page hands to `wx.requestPayment` or to the official account's bridge (《小程序调起支付》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func requestPaymentParameters(
        combineAppid: String, prepayID: String
    ) throws(WeChatPayError) -> RequestPaymentParameters {
        try client.requestPaymentParameters(appid: combineAppid, prepayID: prepayID)
    }

    /// Signs what the app hands to WeChat's OpenSDK (《APP调起支付》).
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func appPaymentParameters(
        combineAppid: String, prepayID: String
    ) throws(WeChatPayError) -> AppPaymentParameters {
        try client.appPaymentParameters(appid: combineAppid, prepayID: prepayID)
    }

    private static func number(_ combineOutTradeNo: String) throws(WeChatPayError) -> String {
        try OrderEndpoint.number(outTradeNo: combineOutTradeNo, "combine_out_trade_no", least: 2)
    }
}
