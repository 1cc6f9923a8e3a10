import HTTPTypes
import PaymentPrimitives

extension ControlAPI {
    static let moneyCalls = [
        "POST /_sandbox/refunds {mchid, out_trade_no | transaction_id, amount}",
        "GET /_sandbox/refunds/{mchid}/{out_refund_no}",
        "POST /_sandbox/refunds/outcome {mchid, out_refund_no | next: true, outcome}",
        "GET /_sandbox/balances/{mchid}", "POST /_sandbox/top-up {mchid, amount_fen, account}",
        "POST /_sandbox/withdraw {mchid, amount_fen, account}", "GET /_sandbox/users/{openid}",
    ]

    /// The control calls about money; `nil` when a path is none of them.
    func routeMoney(_ call: Call, _ path: [String]) throws -> JSONValue? {
        switch (call.method, path) {
        case (.post, ["refunds"]): return try refundFromConsole(Fields(call))
        case (.post, ["refunds", "outcome"]): return try setRefundOutcome(Fields(call))
        case (.get, let path) where path.count == 3 && path[0] == "refunds":
            guard let refund = try sandbox.refund(mchid: path[1], outRefundNo: path[2]) else {
                throw SandboxError(.notFound, "merchant \(path[1]) has no refund \(path[2])")
            }
            return refund.json
        case (.get, let path) where path.count == 2 && path[0] == "balances":
            return try sandbox.balances(mchid: path[1]).json
        case (.post, ["top-up"]):
            let fields = try Fields(call)
            return try sandbox.topUp(
                mchid: fields.text("mchid"), amountFen: fields.integer("amount_fen"), account: account(fields)
            ).json
        case (.post, ["withdraw"]):
            let fields = try Fields(call)
            return try sandbox.withdraw(
                mchid: fields.text("mchid"), amountFen: fields.integer("amount_fen"), account: account(fields)
            ).json
        case (.get, let path) where path.count == 2 && path[0] == "users":
            return .record(
                ("openid", .string(path[1])), ("balance_fen", .integer(try sandbox.balance(openid: path[1]))))
        default: return nil
        }
    }

    private func refundFromConsole(_ fields: Fields) throws -> JSONValue {
        let number = fields.value["out_trade_no"] == nil ? nil : try fields.text("out_trade_no")
        let transactionID = fields.value["transaction_id"] == nil ? nil : try fields.text("transaction_id")
        guard number != nil || transactionID != nil else {
            throw SandboxError(.invalidArgument, "say which order: out_trade_no or transaction_id")
        }
        return try sandbox.refundFromConsole(
            mchid: try fields.text("mchid"), outTradeNo: number, transactionID: transactionID,
            amountFen: try fields.integer("amount")
        ).json
    }

    private func setRefundOutcome(_ fields: Fields) throws -> JSONValue {
        let mchid = try fields.text("mchid")
        let isNext = fields.value["next"]?.bool == true
        let number = isNext ? nil : try fields.text("out_refund_no")
        let outcome: RefundOutcome = try fields.choice("outcome")
        try sandbox.setRefundOutcome(mchid: mchid, outRefundNo: number, outcome)
        return .record(
            ("mchid", .string(mchid)), ("out_refund_no", .text(number)), ("next", isNext ? .bool(true) : nil),
            ("outcome", .string(outcome.rawValue)))
    }

    private func account(_ fields: Fields) throws -> MerchantAccount {
        fields.value["account"] == nil ? .basic : try fields.choice("account")
    }
}

extension MerchantBalances {
    fileprivate var json: JSONValue {
        .record(
            ("mchid", .string(mchid)), ("unsettled_fen", .integer(unsettledFen)), ("available_fen", .integer(availableFen)),
            ("operation_fen", .integer(operationFen)), ("refunding_fen", .integer(refundingFen)))
    }
}

extension Fields {
    /// A field that is one of several words.
    fileprivate func choice<Value: RawRepresentable & CaseIterable>(_ name: String) throws(SandboxError) -> Value
    where Value.RawValue == String {
        let word = try text(name)
        guard let value = Value(rawValue: word) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw SandboxError(.invalidArgument, "\(name) “\(word)” is not one of: \(known)")
        }
        return value
    }
}
