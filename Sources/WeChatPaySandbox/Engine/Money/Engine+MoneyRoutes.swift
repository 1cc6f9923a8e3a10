import HTTPTypes
import PaymentPrimitives

extension Engine {
    /// The calls about money; `nil` when a path is none of them.
    mutating func routeMoney(
        _ path: [String], _ call: Call, _ account: Platform.Account, _ moment: Moment
    ) throws(Fault) -> Answer? {
        switch path {
        case ["bill", "tradebill"]:
            try require(.get, call)
            return try tradeBill(call, account.merchant, moment)
        case ["bill", "fundflowbill"]:
            try require(.get, call)
            return try fundFlowBill(call, account.merchant, moment)
        case ["billdownload", "file"]:
            try require(.get, call)
            return try downloadBill(call, account.merchant, moment)
        default: return try routeRefunds(path, call, account, moment)
        }
    }

    private mutating func routeRefunds(
        _ path: [String], _ call: Call, _ account: Platform.Account, _ moment: Moment
    ) throws(Fault) -> Answer? {
        let refunds = ["refund", "domestic", "refunds"]
        guard path.starts(with: refunds) else { return nil }
        let rest = Array(path.dropFirst(refunds.count))
        switch rest.count {
        case 0:
            try require(.post, call)
            return try refund(call, account.merchant, moment)
        case 1:
            try require(.get, call)
            return try queryRefund(rest[0], call, account.merchant)
        case 2 where rest[1] == "apply-abnormal-refund":
            try require(.post, call)
            return try applyAbnormalRefund(rest[0], call, account.merchant, moment)
        default: return nil
        }
    }
}
