import PaymentPrimitives

extension Engine {
    /// The money in a user's wallet, in fen.
    func walletBalance(of user: SandboxUser) -> Int64 { user.balanceFen - state.spent[user.openid, default: 0] }

    /// Moves the money of an order that was just paid.
    mutating func settle(_ order: SandboxOrder, _ moment: Moment) {
        guard let openid = order.openid else { return }
        state.spent[openid, default: 0] += order.payerTotal
        isChanged = true
    }

    /// Gives the money of a paid order back, because the merchant takes the payment back.
    mutating func giveBack(reversing order: SandboxOrder, _ moment: Moment) {
        guard let openid = order.openid else { return }
        state.spent[openid, default: 0] -= order.payerTotal
        isChanged = true
    }
}
