import HTTPTypes

/// Orders of the API v3: `client.transactions`.
public struct Transactions: Sendable {
    let client: Client

    /// Places an order for a mini-program or an official account: `POST /v3/pay/transactions/jsapi` (《JSAPI/小程序下单》).
    ///
    /// May be repeated with the same parameters while the order is unpaid; it then gives a fresh `prepay_id`.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func jsapi(_ request: JSAPIPrepayRequest) async throws(WeChatPayError) -> JSAPIPrepayResponse {
        try request.validate()
        let answer = try await client.send(
            .post, "/v3/pay/transactions/jsapi", body: request.body(mchid: client.merchant.mchid), isIdempotent: true)
        let response = try answer.decode(JSAPIPrepayResponse.self)
        guard !response.prepayID.isEmpty, !response.prepayID.hasControlCharacter else {
            throw WeChatPayError(
                .malformed, "the answer: prepay_id is empty", status: answer.status, requestID: answer.requestID,
                isVerified: true)
        }
        return response
    }

    /// Asks for an order by the merchant's number: `GET /v3/pay/transactions/out-trade-no/{n}` (《商户订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(outTradeNo: String) async throws(WeChatPayError) -> Transaction {
        try WeChatText.checkOutTradeNo(outTradeNo)
        return try await query("/v3/pay/transactions/out-trade-no/" + PercentEncoding.encode(outTradeNo)) {
            $0.outTradeNo == outTradeNo
        }
    }

    /// Asks for an order by WeChat's number: `GET /v3/pay/transactions/id/{n}` (《微信支付订单号查询订单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderNotExist`` when there is none.
    public func query(transactionID: String) async throws(WeChatPayError) -> Transaction {
        guard transactionID.isToken, transactionID.utf8.count <= 32 else {
            throw WeChatPayError(.invalidArgument, "transaction_id: not 1 to 32 letters and digits")
        }
        return try await query("/v3/pay/transactions/id/" + transactionID) { $0.transactionID == transactionID }
    }

    /// Closes an unpaid order: `POST /v3/pay/transactions/out-trade-no/{n}/close` (《关闭订单》). Closing twice is fine.
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/orderPaid`` when it is paid.
    public func close(outTradeNo: String) async throws(WeChatPayError) {
        try WeChatText.checkOutTradeNo(outTradeNo)
        let body = Array("{\"mchid\":\"\(client.merchant.mchid)\"}".utf8)
        _ = try await client.send(
            .post, "/v3/pay/transactions/out-trade-no/\(PercentEncoding.encode(outTradeNo))/close", body: body,
            isIdempotent: true)
    }

    /// Signs what the page hands to `wx.requestPayment` (《小程序调起支付》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the order.
    ///   - prepayID: from ``jsapi(_:)``.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a blank argument, `invalidKey`.
    public func requestPaymentParameters(
        appid: String, prepayID: String
    ) throws(WeChatPayError) -> RequestPaymentParameters {
        guard !appid.isEmpty, !appid.hasControlCharacter else { throw WeChatPayError(.invalidArgument, "appid: blank") }
        guard !prepayID.isEmpty, !prepayID.hasControlCharacter else {
            throw WeChatPayError(.invalidArgument, "prepay_id: blank")
        }
        let timestamp = String(client.clock.now.seconds)
        let nonce = client.random.alphanumeric(32)
        let package = "prepay_id=\(prepayID)"
        let signature = try client.merchant.sign(
            SignString.payment(appid: appid, timestamp: timestamp, nonce: nonce, package: package))
        return RequestPaymentParameters(timeStamp: timestamp, nonceStr: nonce, package: package, paySign: signature)
    }

    /// A signature does not say which question it answers: the order must be the one that was asked for.
    private func query(
        _ path: String, isAsked: (Transaction) -> Bool
    ) async throws(WeChatPayError) -> Transaction {
        let mchid = client.merchant.mchid
        let answer = try await client.send(.get, path, query: [("mchid", mchid)], isIdempotent: true)
        let transaction = try answer.decode(Transaction.self)
        guard transaction.mchid == mchid, isAsked(transaction) else {
            throw WeChatPayError(
                .malformed, "the answer is about another order or merchant", status: answer.status,
                requestID: answer.requestID, isVerified: true)
        }
        return transaction
    }
}
