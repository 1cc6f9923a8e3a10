import PaymentPrimitives
import Payments
import SQLDatabase

extension Payment {
    /// The columns in the order in which rows are read and written.
    static let columns = """
        merchant, id, version, channel, method, mchid, appid, out_trade_no, channel_order_id, transaction_id, total, \
        currency, payer_total, description, attach, reference, openid, notify_url, state, prepay, prepaid_at, \
        created_at, expires_at, success_time, closed_at, failure_code, next_query_at, query_count, last_query_at, \
        sub_mchid, sub_appid, options, charged_at, reversed_at, reversing_at
        """

    /// What is selected: the columns that are written with a payment, and those that its refunds write.
    static let selected = columns + ", refund_reserved, refunded, refund_count"

    static let placeholders = (1...35).map { "$\($0)" }.joined(separator: ", ")

    /// Reads a row that was selected with ``selected``.
    ///
    /// - Throws: ``DatabaseError`` when a stored word is none that this version knows.
    init(row: SQLRow) throws {
        func word<Word: RawRepresentable>(_ index: Int) throws -> Word where Word.RawValue == String {
            let text = try row.text(index)
            guard let word = Word(rawValue: text) else {
                throw DatabaseError(
                    .decoding, "payments: \"\(text.prefix(40))\" is not a \(Word.self) of this version; the database is newer")
            }
            return word
        }
        let method: PaymentMethod = try word(4)
        self.init(
            merchant: try row.text(0), id: try row.text(1), version: try row.integer(2), channel: try word(3),
            method: method, mchid: try row.text(5), appid: try row.text(6), subMchid: try row.optionalText(29),
            subAppid: try row.optionalText(30), outTradeNo: try row.text(7), channelOrderID: try row.optionalText(8),
            transactionID: try row.optionalText(9),
            amount: Money(fen: try row.integer(10), currency: Currency(rawValue: try row.text(11))),
            payerTotal: try row.optionalInteger(12), description: try row.text(13), attach: try row.optionalText(14),
            reference: try row.optionalText(15), openID: try row.optionalText(16),
            options: try Self.options(try row.optionalText(31)), notifyURL: try row.text(17), state: try word(18),
            prepay: Self.prepay(method.prepayKind, try row.optionalText(19), since: try row.optionalTimestamp(20)),
            chargedAt: try row.optionalTimestamp(32), reversingAt: try row.optionalTimestamp(34),
            reversedAt: try row.optionalTimestamp(33),
            createdAt: try row.timestamp(21), expiresAt: try row.timestamp(22), successTime: try row.optionalTimestamp(23),
            closedAt: try row.optionalTimestamp(24), failureCode: try row.optionalText(25),
            nextQueryAt: try row.optionalTimestamp(26), queryCount: try row.integer(27),
            lastQueryAt: try row.optionalTimestamp(28))
        refunds = RefundTotals(
            reserved: try row.integer("refund_reserved"), refunded: try row.integer("refunded"),
            count: try row.integer("refund_count"))
    }

    private static func prepay(_ kind: Prepay.Kind?, _ text: String?, since: Timestamp?) -> Prepay? {
        guard let kind, let text, let since else { return nil }
        return Prepay(kind: kind, text: text, since: since)
    }

    private static func options(_ text: String?) throws -> PaymentOptions {
        guard let text else { return PaymentOptions() }
        do {
            return try StrictJSON.decode(from: Array(text.utf8))
        } catch {
            throw DatabaseError(
                .decoding, "payments: the options are not those of this version (\(error)); the database is newer")
        }
    }

    /// The values in the order of ``columns``.
    ///
    /// - Throws: when the options cannot be written as JSON.
    func values() throws -> [SQLValue] {
        let options =
            options == PaymentOptions() ? nil : String(decoding: try StrictJSON.encode(options), as: UTF8.self)
        return [
            .text(merchant), .text(id), .integer(version), .text(channel.rawValue), .text(method.rawValue), .text(mchid),
            .text(appid), .text(outTradeNo), SQLValue(channelOrderID), SQLValue(transactionID), .integer(amount.fen),
            .text(amount.currency.rawValue), SQLValue(payerTotal), .text(description), SQLValue(attach), SQLValue(reference),
            SQLValue(openID), .text(notifyURL), .text(state.rawValue), SQLValue(prepay?.text), SQLValue(prepay?.since),
            SQLValue(createdAt), SQLValue(expiresAt), SQLValue(successTime), SQLValue(closedAt), SQLValue(failureCode),
            SQLValue(nextQueryAt), .integer(queryCount), SQLValue(lastQueryAt), SQLValue(subMchid), SQLValue(subAppid),
            SQLValue(options), SQLValue(chargedAt), SQLValue(reversedAt), SQLValue(reversingAt),
        ]
    }
}
