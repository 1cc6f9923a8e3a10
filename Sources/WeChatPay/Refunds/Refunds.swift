import HTTPTypes

extension Client {
    /// Refunds.
    public var refunds: Refunds { Refunds(client: self) }
}

/// Refunds of the API v3: `client.refunds`.
public struct Refunds: Sendable {
    private static let path = "/v3/refund/domestic/refunds"

    let client: Client

    /// Gives money back: `POST /v3/refund/domestic/refunds` (《申请退款》).
    ///
    /// May be repeated with the same parameters under the same number: it is one refund. WeChat normally answers
    /// ``RefundStatus/processing``; a notification or a query says how it ended.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; `refused` with
    ///   ``WeChatErrorCode/notEnough`` when the merchant's balance is too low: top it up and send the same request again.
    ///   After an unknown outcome query the refund.
    public func create(_ request: RefundRequest) async throws(WeChatPayError) -> Refund {
        let answer = try await client.send(.post, Self.path, body: request.bytes(), isIdempotent: true)
        let refund = try read(answer, outRefundNo: request.outRefundNo, subMchid: request.subMchid)
        let isSameOrder =
            switch request.order {
            case .transactionID(let number): refund.transactionID == number
            case .outTradeNo(let number): refund.outTradeNo == number
            }
        guard isSameOrder else { throw answer.malformed("about a refund of another order") }
        guard refund.amount.refund == request.amount.refund, refund.amount.total == request.amount.total,
            refund.amount.currency ?? request.amount.currency == request.amount.currency
        else {
            throw answer.malformed("amount: \(refund.amount.refund) of \(refund.amount.total), which was not asked for")
        }
        return refund
    }

    /// Asks for a refund: `GET /v3/refund/domestic/refunds/{out_refund_no}` (《查询单笔退款》).
    ///
    /// - Parameters:
    ///   - outRefundNo: the merchant's number of the refund.
    ///   - subMchid: the sub-merchant, for a service provider.
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/resourceNotExists`` when there is none.
    public func query(outRefundNo: String, subMchid: String? = nil) async throws(WeChatPayError) -> Refund {
        try WeChatText.checkOutRefundNo(outRefundNo)
        if let subMchid { try WeChatText.checkMchid(subMchid, "sub_mchid") }
        let answer = try await client.send(
            .get, "\(Self.path)/\(PercentEncoding.encode(outRefundNo))", query: subMchid.map { [("sub_mchid", $0)] } ?? [],
            isIdempotent: true)
        return try read(answer, outRefundNo: outRefundNo, subMchid: subMchid)
    }

    /// Sends the money of an abnormal refund elsewhere: `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
    /// (《发起异常退款》). Sent once; after an unknown outcome query the refund.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func applyAbnormal(_ request: AbnormalRefundRequest) async throws(WeChatPayError) -> Refund {
        let body = try request.bytes()
        let answer: Answer
        do throws(WeChatPayError) {
            answer = try await client.send(
                .post, "\(Self.path)/\(request.refundID)/apply-abnormal-refund", body: body, isIdempotent: false,
                encryptionSerial: request.encryptionSerial)
        } catch {
            throw error.sentOnce
        }
        let refund = try read(answer, outRefundNo: request.outRefundNo, subMchid: request.subMchid)
        guard refund.refundID == request.refundID else { throw answer.malformed("about another refund") }
        return refund
    }

    /// A signature does not say which question it answers: the refund must be the one that was asked for.
    private func read(_ answer: Answer, outRefundNo: String, subMchid: String?) throws(WeChatPayError) -> Refund {
        let refund = try answer.decode(Refund.self)
        guard refund.outRefundNo == outRefundNo, refund.subMchid ?? subMchid == subMchid else {
            throw answer.malformed("about another refund or merchant")
        }
        return refund
    }
}
