import HTTPTypes

extension Engine {
    /// The calls below `/v3/pay/transactions/` and `/v3/pay/partner/transactions/`.
    mutating func transactions(
        _ path: [String], _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        if path.count == 1, let method = PrepayMethod(rawValue: path[0]) {
            try require(.post, call)
            return try prepay(method, scope, call, merchant, moment)
        }
        switch (path.count, path.first, path.last) {
        case (1, "codepay", _):
            try require(.post, call)
            return try codePay(scope, call, merchant, moment)
        case (2, "id", .some(let id)):
            try require(.get, call)
            return try query(transactionID: id, scope, call, merchant, moment)
        case (2, "out-trade-no", .some(let number)):
            try require(.get, call)
            return try query(outTradeNo: number, scope, call, merchant, moment)
        case (3, "out-trade-no", "close"):
            try require(.post, call)
            return try close(outTradeNo: path[1], scope, call, merchant, moment)
        case (3, "out-trade-no", "reverse"):
            try require(.post, call)
            return try reverse(outTradeNo: path[1], scope, call, merchant, moment)
        default: throw .noSuchPath
        }
    }
}
