/// What the parts of an order that were refunded so far add up to, in fen; closed refunds are not among them.
struct RefundTotals: Sendable, Equatable {
    var parts = 0
    var refund: Int64 = 0
    var payer: Int64 = 0
    var settlement: Int64 = 0
    var fee: Int64 = 0
    /// In the order of the order's coupons.
    var coupons: [Int64] = []

    init(_ refunds: [SandboxRefund], couponCount: Int) {
        coupons = Array(repeating: 0, count: couponCount)
        for refund in refunds where refund.status != .closed {
            parts += 1
            self.refund += refund.refund
            payer += refund.payerRefund
            settlement += refund.settlementRefund
            fee += refund.feeRefund
            for (index, coupon) in refund.coupons.enumerated() where index < couponCount { coupons[index] += coupon.refundAmount }
        }
    }
}

/// Who gets and who bears what of a refund, in fen.
struct RefundSplit: Sendable, Equatable {
    /// What the user gets.
    let payer: Int64
    /// What goes back to each coupon, in the order of the order's coupons.
    let coupons: [Int64]
    /// What the merchant bears before the fee: 充值券 were settled to it, 免充值券 were not.
    let settlement: Int64
    /// The part of the fee that the merchant gets back.
    let fee: Int64

    /// Splits an amount in proportion to what the user and the coupons have paid.
    init(_ refund: Int64, of order: SandboxOrder, after totals: RefundTotals) {
        payer = Proportion.next(
            refund, before: totals.refund, whole: order.total, share: order.payerTotal, shareBefore: totals.payer)
        var (rest, before, whole) = (refund - payer, totals.refund - totals.payer, order.total - order.payerTotal)
        var coupons: [Int64] = []
        var cash: Int64 = 0
        for (index, coupon) in order.coupons.enumerated() {
            let part = Proportion.next(
                rest, before: before, whole: whole, share: coupon.amount, shareBefore: totals.coupons[index])
            coupons.append(part)
            if coupon.type == .cash { cash += part }
            rest -= part
            before -= totals.coupons[index]
            whole -= coupon.amount
        }
        self.coupons = coupons
        settlement = payer + cash
        fee = Proportion.next(
            settlement, before: totals.settlement, whole: order.settlementTotal, share: order.fee, shareBefore: totals.fee)
    }
}
