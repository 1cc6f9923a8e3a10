/// What WeChat says at once to the charge of a payer's code.
public enum CodePayAnswer<Order: Hashable & Sendable>: Hashable, Sendable {
    /// The charge has ended; the order's trade state says how, and only `SUCCESS` is a payment.
    case finished(Order)
    /// Not decided yet, the payer is asked for the password: query the order after five seconds, and then about every ten.
    case userPaying
}

extension TradeState {
    /// Whether an order in this state can no longer be paid. `NOTPAY`, `USERPAYING` and words that nobody knows yet can.
    package var isFinal: Bool { [.success, .refund, .closed, .revoked, .payError].contains(self) }
}
