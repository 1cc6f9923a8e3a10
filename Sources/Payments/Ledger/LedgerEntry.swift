import PaymentPrimitives

/// A double entry: lines that sum up to zero, written once and never changed.
package struct LedgerEntry: Sendable, Equatable {
    package let merchant: String
    /// The event that made it: one entry an event.
    package let id: String
    package let paymentID: String
    package let currency: Currency
    package let lines: [LedgerLine]
    package let at: Timestamp

    /// - Throws: ``UnbalancedEntry`` when debits and credits differ or do not fit 64 bits.
    package init(
        merchant: String, id: String, paymentID: String, currency: Currency, lines: [LedgerLine], at: Timestamp
    ) throws(UnbalancedEntry) {
        var sum = Money(fen: 0, currency: currency)
        do {
            for line in lines { sum = try sum.adding(Money(fen: line.amount, currency: currency)) }
        } catch { throw UnbalancedEntry(description: "ledger entry \(id): \(error)") }
        guard sum.fen == 0, !lines.isEmpty else {
            throw UnbalancedEntry(description: "ledger entry \(id) does not balance: \(sum)")
        }
        self.merchant = merchant
        self.id = id
        self.paymentID = paymentID
        self.currency = currency
        self.lines = lines
        self.at = at
    }
}

/// An entry whose debits and credits differ: a defect of whoever made it.
package struct UnbalancedEntry: Error, CustomStringConvertible {
    package let description: String
}

/// One side of an entry: positive is a debit, negative a credit, in fen.
package struct LedgerLine: Sendable, Equatable {
    package let account: LedgerAccount
    package let amount: Int64

    package init(_ account: LedgerAccount, _ amount: Int64) {
        self.account = account
        self.amount = amount
    }
}

/// The accounts of a merchant's books.
package enum LedgerAccount: String, Sendable, CaseIterable {
    /// Paid by buyers and not settled by WeChat yet.
    case wechatUnsettled = "wechat_unsettled"
    /// What the goods brought.
    case revenue
    /// The part of the price that the merchant's own coupons (免充值券) paid.
    case merchantDiscount = "merchant_discount"
    /// Taken by WeChat for a refund, and not with the payer yet.
    case refundsInTransit = "refunds_in_transit"
    /// What went back to buyers: it lessens the revenue.
    case refunds
    /// Paid by a second transaction under one number: owed to whoever paid it.
    case duplicatePayments = "duplicate_payments"
}
