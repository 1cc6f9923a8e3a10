/// Where a refund stands. States only move forward:
/// `created < waiting_for_funds < processing < abnormal < closed, succeeded`.
package enum RefundState: String, Sendable, CaseIterable {
    /// On disk; WeChat may or may not have heard of it.
    case created
    /// WeChat verifiably has not taken it, because the merchant's account holds too little. It is sent again.
    case waitingForFunds = "waiting_for_funds"
    /// WeChat has taken it; the money is on its way.
    case processing
    /// The money could not be delivered (a closed card): the merchant must tell WeChat where to.
    case abnormal
    /// No money went back, and none will under this number.
    case closed
    /// WeChat attests that the payer has the money.
    case succeeded

    /// Whether it may still take money out of the payment.
    package var isOpen: Bool {
        switch self {
        case .created, .waitingForFunds, .processing, .abnormal: true
        case .closed, .succeeded: false
        }
    }
}

/// Why a refund exists.
package enum RefundKind: String, Sendable, CaseIterable {
    /// Somebody asked this server for it.
    case requested
    /// The order was paid twice; the second payment goes back by itself.
    case duplicate
    /// Made by hand in WeChat's merchant console; this server heard of it and keeps the books.
    case external
    /// A paid code payment was reversed (撤销).
    case reversal
}

/// The account that a refund is paid from, in WeChat's words.
package enum FundsAccount: String, Sendable, CaseIterable {
    /// Money of buyers that is not settled yet; WeChat's default.
    case unsettled = "UNSETTLED"
    /// The merchant's available balance.
    case available = "AVAILABLE"
}
