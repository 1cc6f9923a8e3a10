/// A charge of a payer's code (《付款码支付》). Its description leaves the code out: who has it can charge.
public struct MicropayRequest: Hashable, Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// The official account, mini-program or app; a service provider's own. At most 32 bytes.
    public var appid: String
    /// What is bought.
    public var order: V2Order
    /// The 18 digits of the payer's code, which begin with 10 to 15; good for one charge, about a minute long.
    public var authCode: String
    /// For a service provider: whom the payment is for.
    public var sub: V2SubMerchant?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(appid: String, order: V2Order, authCode: String, sub: V2SubMerchant? = nil) {
        self.appid = appid
        self.order = order
        self.authCode = authCode
        self.sub = sub
    }

    /// Without the payer's code.
    public var debugDescription: String { "MicropayRequest(outTradeNo: \(order.outTradeNo), amount: \(order.amount))" }
    /// Without the payer's code.
    public var customMirror: Mirror {
        Mirror(self, children: ["outTradeNo": order.outTradeNo, "amount": order.amount.description])
    }

    func fields() throws(WeChatPayError) -> XMLFields {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try order.write(to: &fields)
        try Self.add(authCode: authCode, to: &fields)
        return fields
    }

    static func add(authCode: String, to fields: inout XMLFields) throws(WeChatPayError) {
        guard (1...128).contains(authCode.utf8.count), authCode.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw WeChatPayError(.invalidArgument, "auth_code: not 1 to 128 digits; scan the payer's code again")
        }
        fields["auth_code"] = authCode
    }
}

extension V2Client {
    /// Charges a payer's code: `POST /pay/micropay` (《付款码支付》). Sent once, to one host; there is no notification.
    ///
    /// - Throws: ``WeChatPayError``. Whatever is not clear has the advice to ask for the order.
    public func micropay(_ request: MicropayRequest) async throws(WeChatPayError) -> CodePayAnswer<V2Transaction> {
        let fields = try request.fields()
        do throws(WeChatPayError) {
            let answer = try await post("/pay/micropay", fields, isIdempotent: false)
            // Only this says that money moved; anything else is asked for.
            guard answer["trade_type"] == TradeType.micropay.rawValue else { return .userPaying }
            let order = try V2Transaction(answer, state: .success)
            guard order.outTradeNo == request.order.outTradeNo else {
                throw WeChatPayError.v2Malformed("the answer is about another order")
            }
            return .finished(order)
        } catch {
            if error.isVerified, error.wechatCode?.canonical == .userPaying { return .userPaying }
            throw error.sentOnce
        }
    }

    /// Takes a charge back: `POST /secapi/pay/reverse` (《撤销订单》), with the merchant's certificate, within seven days and not
    /// within 15 seconds of the charge. An unpaid order is closed, a paid one is given back.
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/systemError`` when WeChat says to call again (`recall`).
    public func reverse(appid: String, outTradeNo: String, sub: V2SubMerchant? = nil) async throws(WeChatPayError) {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try V2OrderNumber.outTradeNo(outTradeNo).write(to: &fields)
        let answer = try await post("/secapi/pay/reverse", fields, needsCertificate: true, isIdempotent: false)
        if answer["recall"] == "Y" {
            throw WeChatPayError(
                .refused, "recall=Y: the reversal is not done, call again", status: 200, wechatCode: .systemError,
                isVerified: true)
        }
    }

    /// A charge that has not begun, for ``run(_:charging:onChange:)``.
    public func flow(for request: MicropayRequest) -> CodePayFlow {
        CodePayFlow(
            appid: request.appid, outTradeNo: request.order.outTradeNo, subMchid: request.sub?.subMchid,
            subAppid: request.sub?.subAppid)
    }

    /// Charges a payer's code and stays until it is known how that ended: charge, query, and after 45 seconds reverse.
    ///
    /// The charge, its queries and its reversals never go to the backup host. It goes on until WeChat says how it ended;
    /// cancel the task to stop waiting, and run the stored value later.
    ///
    /// - Parameters:
    ///   - flow: how far it is; its last state when this returns or throws.
    ///   - request: needed for a flow that is ``CodePayFlow/State/ready``; not stored in it, since it has the payer's code.
    ///   - onChange: stores the flow; called before each next step. What it throws ends the run.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent, without a client certificate too;
    ///   `CancellationError`, and what `onChange` throws. Errors of WeChat are part of the flow, but for `refused` with
    ///   ``WeChatErrorCode/signError``, unsigned and twice in a row.
    public func run(
        _ flow: inout CodePayFlow, charging request: MicropayRequest? = nil,
        onChange: (CodePayFlow) async throws -> Void
    ) async throws -> CodePayResult<V2Transaction> {
        let (appid, outTradeNo) = (flow.appid, flow.outTradeNo)
        let sub = flow.subMchid.map { V2SubMerchant(subMchid: $0, subAppid: flow.subAppid) }
        guard certificateTransport != nil else {
            throw WeChatPayError(
                .invalidArgument, "a charge must be able to be reversed: give the client a certificateTransport")
        }
        if let request {
            _ = try request.fields()
            guard self.flow(for: request).isOfSameOrder(flow) else { throw CodePayFlow.otherRequest }
        } else if flow.state == .ready {
            throw CodePayFlow.noRequest
        }
        return try await CodePayDriver<V2Transaction>(
            clock: clock, tradeState: \.trade.tradeState,
            charge: { () async throws(WeChatPayError) in
                guard let request else { throw CodePayFlow.noRequest }
                return try await micropay(request)
            },
            query: { () async throws(WeChatPayError) in
                try await query(appid: appid, .outTradeNo(outTradeNo), sub: sub, once: true)
            },
            reverse: { () async throws(WeChatPayError) in
                try await reverse(appid: appid, outTradeNo: outTradeNo, sub: sub)
            }
        ).run(&flow, onChange: onChange)
    }
}
