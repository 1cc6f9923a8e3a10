import PaymentPrimitives

extension SandboxOrder {
    /// WeChat's fee: 0.60 % of what is settled.
    static let feeRate = (numerator: Int64(60), denominator: Int64(10_000))
    /// An order can be refunded for a year.
    static let refundPeriod = Duration.seconds(365 * 86_400)
    /// Into how many parts a refund may be split.
    static let refundLimit = 50
    /// How long WeChat wants between two refunds of one order.
    static let refundPause = Duration.seconds(60)

    /// The merchant whose money it is.
    var payee: String { subMchid ?? mchid }

    /// Where the user's money comes from and goes back to.
    var wallet: LedgerAccount { .wallet(openid ?? "") }

    /// The fee in fen, rounded half up for each order.
    var fee: Int64 { Proportion.rounded(settlementTotal, Self.feeRate.numerator, of: Self.feeRate.denominator) }

    /// Whether it was paid and not reversed.
    var isRefundable: Bool { tradeState == .success || tradeState == .refund }
}
