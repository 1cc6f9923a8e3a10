import PaymentPrimitives
import Payments
import SQLDatabase

extension Refund {
    /// The columns in the order in which rows are read and written.
    static let columns = """
        merchant, id, version, payment_id, kind, mchid, out_trade_no, out_refund_no, refund_id, transaction_id, amount, \
        currency, total, counted, reason, funds_account, notify_url, state, payer_refund, settlement_refund, \
        user_received_account, failure_code, created_at, accepted_at, success_time, next_action_at, try_count, last_query_at, \
        sub_mchid
        """

    static let placeholders = (1...29).map { "$\($0)" }.joined(separator: ", ")

    /// Reads a row that was selected with ``columns``.
    ///
    /// - Throws: ``DatabaseError`` when a stored word is none that this version knows.
    init(row: SQLRow) throws {
        self.init(
            merchant: try row.text(0), id: try row.text(1), paymentID: try row.text(3),
            kind: try Self.word(row.text(4)), mchid: try row.text(5), subMchid: try row.optionalText(28),
            outTradeNo: try row.text(6),
            outRefundNo: try row.text(7), transactionID: try row.text(9),
            amount: Money(fen: try row.integer(10), currency: Currency(rawValue: try row.text(11))),
            total: try row.integer(12), notifyURL: try row.text(16), createdAt: try row.timestamp(22))
        version = try row.integer(2)
        refundID = try row.optionalText(8)
        countsTowardsPayment = try row.integer(13) == 1
        reason = try row.optionalText(14)
        fundsAccount = try row.optionalText(15).map(Self.word)
        state = try Self.word(row.text(17))
        payerRefund = try row.optionalInteger(18)
        settlementRefund = try row.optionalInteger(19)
        userReceivedAccount = try row.optionalText(20)
        failureCode = try row.optionalText(21)
        acceptedAt = try row.optionalTimestamp(23)
        successTime = try row.optionalTimestamp(24)
        nextActionAt = try row.optionalTimestamp(25)
        tryCount = try row.integer(26)
        lastQueryAt = try row.optionalTimestamp(27)
    }

    static func word<Word: RawRepresentable>(_ text: String) throws -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw DatabaseError(
                .decoding, "refunds: \"\(text.prefix(40))\" is not a \(Word.self) of this version; the database is newer")
        }
        return word
    }

    /// The values in the order of ``columns``.
    var values: [SQLValue] {
        [
            .text(merchant), .text(id), .integer(version), .text(paymentID), .text(kind.rawValue), .text(mchid),
            .text(outTradeNo), .text(outRefundNo), SQLValue(refundID), .text(transactionID), .integer(amount.fen),
            .text(amount.currency.rawValue), .integer(total), .integer(countsTowardsPayment ? 1 : 0), SQLValue(reason),
            SQLValue(fundsAccount?.rawValue), .text(notifyURL), .text(state.rawValue), SQLValue(payerRefund),
            SQLValue(settlementRefund), SQLValue(userReceivedAccount), SQLValue(failureCode), SQLValue(createdAt),
            SQLValue(acceptedAt), SQLValue(successTime), SQLValue(nextActionAt), .integer(tryCount), SQLValue(lastQueryAt),
            SQLValue(subMchid),
        ]
    }
}
