import PaymentPrimitives

/// What the sandbox remembers about money.
struct MoneyState: Codable, Sendable {
    var ledger = Ledger()
    /// By merchant number and out_refund_no.
    var refunds: [String: SandboxRefund] = [:]
    /// Order key → the keys of its refunds, in their order.
    var refundsOfOrder: [String: [String]] = [:]
    /// Refund id → refund key.
    var refundIDs: [String: String] = [:]
    /// The refunds that are on their way, and when they arrive.
    var refundsDue: [String: Timestamp] = [:]
    /// How refunds, present or to come, shall end.
    var plannedOutcomes: [String: RefundOutcome] = [:]
    /// How the next refund of a merchant shall end.
    var nextOutcomes: [String: RefundOutcome] = [:]
    var reversals: [Reversal] = []
    /// When money is settled next; `nil` when there is none to settle.
    var settlementDue: Timestamp?
    /// What each merchant has earned on its last day of business: not to be settled on that day.
    var earned: [String: Earned] = [:]
    /// The part of a download address that nobody can guess → what it stands for.
    var billTokens: [String: BillToken] = [:]

    /// A paid order whose money went back at once.
    struct Reversal: Codable, Sendable, Equatable {
        let orderKey: String
        let refundID: String
        let at: Timestamp
        /// What was given back of the order, of its settled part, of its 充值券 and of its fee, in fen.
        let total: Int64
        let settlement: Int64
        let cash: Int64
        let fee: Int64
    }

    /// What came in on one day, in fen after fees and refunds.
    struct Earned: Codable, Sendable, Equatable {
        /// Days since 1970-01-01 in Beijing.
        let day: Int64
        var fen: Int64
    }

    /// Books what a merchant earned, or lost again, on a day.
    mutating func earn(_ fen: Int64, _ mchid: String, on day: BeijingDate) {
        let before = earned[mchid].flatMap { $0.day == day.daysSinceEpoch ? $0.fen : nil } ?? 0
        earned[mchid] = Earned(day: day.daysSinceEpoch, fen: before + fen)
    }

    /// The refunds of an order, in the order in which they were accepted.
    func refunds(of orderKey: String) -> [SandboxRefund] {
        refundsOfOrder[orderKey, default: []].compactMap { refunds[$0] }
    }
}
