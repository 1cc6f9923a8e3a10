import PaymentPrimitives

/// A payment that somebody wants to have, before it is checked.
package struct NewPayment: Sendable {
    /// 100 million yuan, in fen: more is a mistake.
    package static let maximum: Int64 = 10_000_000_000

    package var merchant: String
    package var appid: String
    package var method: PaymentMethod
    package var amount: Money
    package var description: String
    package var outTradeNo: String?
    package var reference: String?
    package var openID: String?
    package var attach: String?
    package var expiresAt: Timestamp?

    package init(merchant: String, appid: String, method: PaymentMethod, amount: Money, description: String) {
        self.merchant = merchant
        self.appid = appid
        self.method = method
        self.amount = amount
        self.description = description
    }

    /// Refuses, naming the field, what WeChat would refuse later or what could never be paid.
    ///
    /// - Throws: ``PaymentError`` `.invalidRequest`.
    func validate(for merchant: MerchantContext, now: Timestamp) throws(PaymentError) {
        func refuse(_ field: String, _ message: String) -> PaymentError {
            PaymentError(.invalidRequest, "\(field) \(message)", field: field)
        }
        guard merchant.appids.contains(appid) else { throw refuse("appid", "is not one of merchant \(merchant.id)'s") }
        guard amount.fen >= 1 else { throw refuse("amount.total", "must be at least 1 fen") }
        guard amount.fen <= Self.maximum else { throw refuse("amount.total", "is more than 100 million yuan") }
        guard amount.currency == .cny else { throw refuse("amount.currency", "must be CNY") }
        try Self.text(description, "description", 1...127)
        if let attach { try Self.text(attach, "attach", 0...128) }
        if let outTradeNo {
            guard (6...32).contains(outTradeNo.utf8.count), outTradeNo.utf8.allSatisfy(Self.isNumberCharacter) else {
                throw refuse("out_trade_no", "must be 6 to 32 of the characters 0-9 A-Z a-z _ - | *")
            }
        }
        if let reference { try Self.text(reference, "reference", 1...64) }
        guard let openID, !openID.isEmpty else { throw refuse("openid", "is required for \(method.rawValue)") }
        try Self.text(openID, "openid", 1...128)
        if let expiresAt {
            guard expiresAt >= now.advanced(by: .seconds(60)), expiresAt <= now.advanced(by: .seconds(90 * 86_400)) else {
                throw refuse("expires_at", "must be between one minute and 90 days from now")
            }
        }
    }

    static func text(_ value: String, _ field: String, _ length: ClosedRange<Int>) throws(PaymentError) {
        let count = value.utf8.count
        guard length.contains(count) else {
            throw PaymentError(
                .invalidRequest, "\(field) has \(count) bytes in UTF-8, allowed are \(length.lowerBound) to \(length.upperBound)",
                field: field)
        }
        guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0.value <= 0xFFFF }) else {
            throw PaymentError(
                .invalidRequest, "\(field) has a control character or a character beyond U+FFFF (emoji), which WeChat refuses",
                field: field)
        }
    }

    static func isNumberCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "|"), UInt8(ascii: "*"):
            true
        default: false
        }
    }
}
