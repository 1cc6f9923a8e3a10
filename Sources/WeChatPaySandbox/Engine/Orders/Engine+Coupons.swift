import PaymentPrimitives

extension Engine {
    /// Gives a user a coupon.
    mutating func addCoupon(
        openid: String, amount: Int64, type: SandboxOrder.AppliedCoupon.Kind, name: String?, minimum: Int64, goodsTag: String?
    ) throws(SandboxError) -> SandboxCoupon {
        guard user(openid) != nil else {
            throw SandboxError(
                .notFound, "there is no user with that openid; sandbox.json lists users, POST /_sandbox/users adds one")
        }
        guard (1...Ledger.greatestAmount).contains(amount) else {
            throw SandboxError(.invalidArgument, "amount_fen: must be 1 to \(Ledger.greatestAmount)")
        }
        guard minimum >= 0 else { throw SandboxError(.invalidArgument, "minimum_fen: must be 0 or more") }
        let sequence = nextSequence()
        let coupon = SandboxCoupon(
            couponID: "1000\(padded(sequence, 12))", stockID: "2000\(padded(sequence, 8))", openid: openid,
            name: name ?? (type == .cash ? "沙箱充值券" : "沙箱免充值券"), type: type, amount: amount, minimum: minimum,
            goodsTag: goodsTag)
        state.coupons[coupon.couponID] = coupon
        isChanged = true
        return coupon
    }

    /// The orders with the coupons that a payment by a user would use: for each the one that pays most of it, of equals the
    /// one that was given first, none twice.
    func withCoupons(_ orders: [SandboxOrder], _ user: SandboxUser) -> [SandboxOrder] {
        var free = state.coupons.values.filter { $0.openid == user.openid && $0.usedFor == nil }
            .sorted { $0.couponID < $1.couponID }
        return orders.map { order in
            func fits(_ coupon: SandboxCoupon) -> Bool {
                coupon.minimum <= order.total && (coupon.goodsTag == nil || coupon.goodsTag == order.goodsTag)
            }
            var best: (index: Int, worth: Int64)?
            for (index, coupon) in free.enumerated() where fits(coupon) {
                let worth = min(coupon.amount, order.total)
                if worth > best?.worth ?? 0 { best = (index, worth) }
            }
            guard let best else { return order }
            var order = order
            order.coupons = [free.remove(at: best.index).applied(to: order)]
            return order
        }
    }

    /// Marks the coupons of a paid order as used.
    mutating func useCoupons(of order: SandboxOrder) {
        for coupon in order.coupons { state.coupons[coupon.couponID]?.usedFor = order.key }
    }

    /// Gives the coupons of a payment that was taken back to the user again.
    mutating func returnCoupons(of order: SandboxOrder) {
        for coupon in order.coupons { state.coupons[coupon.couponID]?.usedFor = nil }
    }
}
