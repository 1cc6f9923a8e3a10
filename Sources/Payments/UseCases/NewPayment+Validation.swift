import PaymentPrimitives

extension NewPayment {
    /// Refuses, naming the field, what WeChat would refuse later or what could never be paid.
    ///
    /// - Throws: ``PaymentError`` `.invalidRequest`.
    func validate(for merchant: MerchantContext, now: Timestamp) throws(PaymentError) {
        guard merchant.appids.contains(appid) else { throw Self.refuse("appid", "is not one of merchant \(merchant.id)'s") }
        guard amount.fen >= 1 else { throw Self.refuse("amount.total", "must be at least 1 fen") }
        guard amount.fen <= Self.maximum else { throw Self.refuse("amount.total", "is more than 100 million yuan") }
        guard amount.currency == .cny else { throw Self.refuse("amount.currency", "must be CNY") }
        try Self.text(description, "description", 1...127)
        try Self.text(attach, "attach", 0...128)
        if let outTradeNo {
            guard (6...32).contains(outTradeNo.utf8.count), outTradeNo.utf8.allSatisfy(Self.isNumberCharacter) else {
                throw Self.refuse("out_trade_no", "must be 6 to 32 of the characters 0-9 A-Z a-z _ - | *")
            }
        }
        try Self.text(reference, "reference", 1...64)
        try validateSubMerchant(of: merchant)
        try validatePayer()
        try validateExpiry(now: now)
        try options.validate(for: method)
    }

    private func validateSubMerchant(of merchant: MerchantContext) throws(PaymentError) {
        guard let known = merchant.subMerchants else {
            if subMchid != nil { throw Self.refuse("sub_mchid", "is for service providers; merchant \(merchant.id) is none") }
            if subAppid != nil { throw Self.refuse("sub_appid", "is for service providers; merchant \(merchant.id) is none") }
            return
        }
        guard let subMchid else { throw Self.refuse("sub_mchid", "is required: merchant \(merchant.id) is a service provider") }
        guard let sub = known.first(where: { $0.mchid == subMchid }) else {
            throw Self.refuse("sub_mchid", "is not one of merchant \(merchant.id)'s sub-merchants")
        }
        if let subAppid, subAppid != sub.appid {
            throw Self.refuse("sub_appid", "is not the app of this sub-merchant")
        }
    }

    /// Who pays, as far as the method must know it beforehand.
    private func validatePayer() throws(PaymentError) {
        if method.needsOpenID {
            guard let openID, !openID.isEmpty else { throw Self.refuse("openid", "is required for \(method.rawValue)") }
            try Self.text(openID, "openid", 1...128)
        } else if openID != nil {
            throw Self.refuse(
                "openid", "is not for \(method.rawValue): whoever has the code or the link may pay; leave it out")
        }
        guard method == .codePay else {
            if authCode != nil { throw Self.refuse("auth_code", "is for codepay alone, not for \(method.rawValue)") }
            return
        }
        guard let authCode else { throw Self.refuse("auth_code", "is required for codepay") }
        guard authCode.withBytes(Self.isAuthCode) else {
            throw Self.refuse("auth_code", "must be the 18 digits of the payer's code, which begins with 10 to 15")
        }
    }

    private static func isAuthCode(_ code: [UInt8]) -> Bool {
        code.count == 18 && code.allSatisfy { (0x30...0x39).contains($0) } && code[0] == 0x31 && (0x30...0x35).contains(code[1])
    }

    private func validateExpiry(now: Timestamp) throws(PaymentError) {
        guard let expiresAt else { return }
        let range: (least: Duration, most: Duration, text: String) =
            method == .codePay
            // WeChat takes nothing back that was charged less than 15 seconds before.
            ? (.seconds(15), .seconds(600), "15 seconds and ten minutes")
            : (.seconds(60), .seconds(90 * 86_400), "one minute and 90 days")
        guard expiresAt >= now.advanced(by: range.least), expiresAt <= now.advanced(by: range.most) else {
            throw Self.refuse("expires_at", "must be between \(range.text) from now")
        }
    }

    static func refuse(_ field: String, _ message: String) -> PaymentError {
        PaymentError(.invalidRequest, "\(field) \(message)", field: field)
    }

    /// Checks a text that may be left out; lengths count in UTF-8 bytes.
    static func text(_ value: String?, _ field: String, _ length: ClosedRange<Int>) throws(PaymentError) {
        guard let value else { return }
        let count = value.utf8.count
        guard length.contains(count) else {
            throw refuse(field, "has \(count) bytes in UTF-8, allowed are \(length.lowerBound) to \(length.upperBound)")
        }
        guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0.value <= 0xFFFF }) else {
            throw refuse(field, "has a control character or a character beyond U+FFFF (emoji), which WeChat refuses")
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
