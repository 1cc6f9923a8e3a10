import HTTPTypes

/// The operations on orders, which direct merchants and service providers have below different paths.
struct OrderEndpoint: Sendable {
    let client: Client
    /// Of all orders, for example `/v3/pay/transactions`.
    let path: String

    /// Places an order and checks that the answer has what the next step needs.
    func prepay<Response: PrepayAnswer>(_ kind: String, _ body: some CheckedBody) async throws(WeChatPayError) -> Response {
        let answer = try await client.send(.post, "\(path)/\(kind)", body: body.bytes(), isIdempotent: true)
        let response = try answer.decode(Response.self)
        let (name, text) = response.essential
        guard !text.isEmpty, !text.hasControlCharacter else { throw answer.malformed("\(name) is empty") }
        return response
    }

    /// Asks for an order; `isAsked` tells whether the answer is about it, since a signature does not say which question
    /// it answers.
    func query<Order: Decodable & Sendable>(
        _ number: String, _ query: [(name: String, value: String)], isIdempotent: Bool = true, isAsked: (Order) -> Bool
    ) async throws(WeChatPayError) -> Order {
        let answer = try await client.send(.get, "\(path)/\(number)", query: query, isIdempotent: isIdempotent)
        let order = try answer.decode(Order.self)
        guard isAsked(order) else { throw answer.malformed("about another order or merchant") }
        return order
    }

    /// Closes an unpaid order.
    func close(_ number: String, _ body: some CheckedBody) async throws(WeChatPayError) {
        _ = try await client.send(.post, "\(path)/\(number)/close", body: body.bytes(), isIdempotent: true)
    }

    /// Charges a payer's code: sent once, to one host. Whatever is not clear has the advice to ask for the order.
    func codePay<Order: Decodable & Hashable & Sendable>(
        _ body: CodePayBody, state: (Order) -> TradeState, isAsked: (Order) -> Bool
    ) async throws(WeChatPayError) -> CodePayAnswer<Order> {
        do throws(WeChatPayError) {
            let answer = try await client.send(.post, "\(path)/codepay", body: body.bytes(), isIdempotent: false)
            // 202 says that the payer is asked for the password, in a body of which WeChat documents nothing.
            guard answer.status == 200 else { return .userPaying }
            let order = try answer.decode(Order.self)
            guard isAsked(order) else { throw answer.malformed("about another order or merchant") }
            return state(order).isFinal ? .finished(order) : .userPaying
        } catch {
            if error.isVerified, error.wechatCode?.canonical == .userPaying { return .userPaying }
            throw error.sentOnce
        }
    }

    /// Takes a charge back. Sent once, to the host that was charged: a backup may not know the charge yet.
    func reverse(_ outTradeNo: String, _ payee: Payee) async throws(WeChatPayError) {
        let number = try Self.number(outTradeNo: outTradeNo)
        let answer = try await client.send(
            .post, "\(path)/\(number)/reverse", body: PayeeBody(payee: payee).bytes(), isIdempotent: false)
        let reversed = try answer.decode(Reversed.self)
        guard reversed.outTradeNo ?? outTradeNo == outTradeNo, payee.isPaid(mchid: reversed.mchid, subMchid: reversed.subMchid)
        else { throw answer.malformed("about another order or merchant") }
    }

    /// The part of a path that names an order by the merchant's number.
    static func number(
        outTradeNo: String, _ field: String = "out_trade_no", least: Int = 6
    ) throws(WeChatPayError) -> String {
        try WeChatText.checkOutTradeNo(outTradeNo, field, least: least)
        return "out-trade-no/" + PercentEncoding.encode(outTradeNo)
    }

    /// The part of a path that names an order by WeChat's number.
    static func number(transactionID: String) throws(WeChatPayError) -> String {
        try WeChatText.checkTransactionID(transactionID)
        return "id/" + transactionID
    }

    /// The answer to a reversal; every member is said to be there, none is needed.
    private struct Reversed: Decodable {
        let outTradeNo: String?
        let mchid: String?
        let subMchid: String?

        private enum CodingKeys: String, CodingKey {
            case outTradeNo = "out_trade_no"
            case mchid
            case spMchid = "sp_mchid"
            case subMchid = "sub_mchid"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            outTradeNo = try container.text(.outTradeNo)
            mchid = try container.text(.mchid) ?? container.text(.spMchid)
            subMchid = try container.text(.subMchid)
        }
    }
}

/// A body that says who is paid and nothing else.
struct PayeeBody: CheckedBody {
    let payee: Payee

    func encode(to encoder: any Encoder) throws { try payee.encode(to: encoder) }
    func validate() throws(WeChatPayError) { try payee.validate() }
}

/// A body of texts that were checked already.
struct TextBody: CheckedBody {
    let texts: [String: String]

    func encode(to encoder: any Encoder) throws { try texts.encode(to: encoder) }
    func validate() throws(WeChatPayError) {}
}
