import PaymentPrimitives

/// Every movement of money in the sandbox, in double entry.
///
/// An entry is made of transfers from one account to another, so that the sum of all accounts is zero whatever is booked.
struct Ledger: Codable, Sendable {
    /// An order, a coupon, a top-up or a withdrawal is at most this much, in fen, so that no sum of them overflows. WeChat
    /// documents no such limit.
    static let greatestAmount: Int64 = 1_000_000_000_000

    private(set) var entries: [Entry] = []
    /// The sum of the entries for each account, in fen.
    private(set) var balances: [LedgerAccount: Int64] = [:]

    /// One movement.
    struct Entry: Codable, Sendable, Equatable {
        /// Counts from 1.
        let number: Int64
        let at: Timestamp
        let business: Business
        /// The merchant whose money it is.
        let mchid: String
        /// WeChat's number of the business: a transaction id, a refund id.
        let reference: String
        /// The merchant's number of it.
        let voucher: String
        /// Who has asked for it, as the fund flow bill says it.
        let applicant: String
        let note: String
        let transfers: [Transfer]

        /// What the entry adds to accounts, in fen.
        func net(_ accounts: Set<LedgerAccount>) -> Int64 {
            transfers.reduce(0) { sum, transfer in
                sum + (accounts.contains(transfer.to) ? transfer.fen : 0) - (accounts.contains(transfer.from) ? transfer.fen : 0)
            }
        }
    }

    /// An amount that goes from one account to another.
    struct Transfer: Codable, Sendable, Equatable {
        let from: LedgerAccount
        let to: LedgerAccount
        /// More than 0.
        let fen: Int64
    }

    /// Why money moves.
    enum Business: String, Codable, Sendable {
        case payment, fee
        case refund
        /// The fee of the refunded part, back to the merchant.
        case feeReturned
        /// The refund has reached the user.
        case refundArrived
        /// The refund was closed, its money is the merchant's again.
        case refundClosed
        /// The fee that was returned with a refund that was closed.
        case feeTakenAgain
        /// A paid code-pay order was reversed.
        case reversal
        /// From 未结算 to 可用.
        case settlement
        case topUp, withdrawal
    }

    /// What a new entry is about.
    struct Subject {
        let mchid: String
        let reference: String
        let voucher: String
        var applicant = "system"
        var note = ""
    }

    func balance(_ account: LedgerAccount) -> Int64 { balances[account, default: 0] }

    /// Books a movement; transfers of nothing are left out, and a movement of nothing is not booked.
    mutating func post(_ business: Business, _ subject: Subject, _ transfers: [Transfer], at moment: Timestamp) {
        let transfers = transfers.filter { $0.fen > 0 }
        guard !transfers.isEmpty else { return }
        for transfer in transfers {
            balances[transfer.from, default: 0] -= transfer.fen
            balances[transfer.to, default: 0] += transfer.fen
        }
        entries.append(
            Entry(
                number: Int64(entries.count) + 1, at: moment, business: business, mchid: subject.mchid,
                reference: subject.reference, voucher: subject.voucher, applicant: subject.applicant, note: subject.note,
                transfers: transfers))
    }
}
