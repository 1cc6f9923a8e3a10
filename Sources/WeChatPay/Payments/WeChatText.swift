/// What WeChat's validator says of texts: their length counts in UTF-8 bytes, and no character may have four of them
/// (no emoji).
public enum WeChatText {
    /// The text without four-byte characters, cut at a character so that at most `limit` bytes remain.
    ///
    /// For names that people type and WeChat only shows: `WeChatText.fitting(product.name, bytes: 127)`.
    public static func fitting(_ text: String, bytes limit: Int) -> String {
        var result = ""
        var count = 0
        for character in text {
            let kept = short(character)
            count += kept.utf8.count
            if count > limit { break }
            result += kept
        }
        return result
    }

    /// A character without its four-byte scalars; the joiners of an emoji go with it.
    private static func short(_ character: Character) -> String {
        guard character.utf8.contains(where: { $0 >= 0xF0 }) else { return String(character) }
        let kept = character.unicodeScalars.filter { $0.value < 0x10000 && $0 != "\u{200D}" && $0 != "\u{FE0F}" }
        return String(String.UnicodeScalarView(kept))
    }

    /// Refuses a text of another length, with a four-byte character or a NUL.
    package static func check(_ text: String?, _ field: String, _ range: ClosedRange<Int>) throws(WeChatPayError) {
        guard let text else { return }
        let count = text.utf8.count
        if count > range.upperBound {
            throw WeChatPayError(.invalidArgument, "\(field): \(count) bytes, at most \(range.upperBound)")
        }
        if count < range.lowerBound {
            throw WeChatPayError(.invalidArgument, "\(field): \(count) bytes, at least \(range.lowerBound)")
        }
        if text.utf8.contains(where: { $0 >= 0xF0 }) {
            throw WeChatPayError(.invalidArgument, "\(field): a character of four UTF-8 bytes (an emoji)")
        }
        if text.utf8.contains(0) { throw WeChatPayError(.invalidArgument, "\(field): a NUL character") }
    }

    /// Refuses what is no merchant order number: 6–32 of `0-9 A-Z a-z _ - | *`.
    package static func checkOutTradeNo(
        _ text: String, _ field: String = "out_trade_no", least: Int = 6
    ) throws(WeChatPayError) {
        try check(text, field, least...32)
        try checkNumber(text, field, signs: "|*")
    }

    /// Refuses what is no merchant number of a refund: 1–64 of `0-9 A-Z a-z _ - | * @`.
    package static func checkOutRefundNo(_ text: String) throws(WeChatPayError) {
        try check(text, "out_refund_no", 1...64)
        try checkNumber(text, "out_refund_no", signs: "|*@")
    }

    private static func checkNumber(_ text: String, _ field: String, signs: String) throws(WeChatPayError) {
        guard text.utf8.allSatisfy({ signs.utf8.contains($0) || String(decoding: [$0], as: UTF8.self).isToken }) else {
            let list = signs.map { " \($0)" }.joined()
            throw WeChatPayError(.invalidArgument, "\(field): only 0-9 A-Z a-z _ -\(list) are allowed")
        }
    }

    /// Refuses what is no merchant number: 1–32 letters and digits.
    package static func checkMchid(_ text: String, _ field: String) throws(WeChatPayError) {
        guard text.isToken, text.utf8.count <= 32 else {
            throw WeChatPayError(.invalidArgument, "\(field): not 1 to 32 letters and digits")
        }
    }

    /// Refuses what is no order number of WeChat: 1–32 letters and digits.
    package static func checkTransactionID(_ text: String) throws(WeChatPayError) {
        guard text.isToken, text.utf8.count <= 32 else {
            throw WeChatPayError(.invalidArgument, "transaction_id: not 1 to 32 letters and digits")
        }
    }

    /// Refuses a time that RFC 3339 cannot write: before 1970 or after 9999.
    package static func checkTime(_ time: Timestamp?, _ field: String) throws(WeChatPayError) {
        guard let time, !(Timestamp(seconds: 0)..<Timestamp(seconds: 253_402_243_200)).contains(time) else { return }
        throw WeChatPayError(.invalidArgument, "\(field): not a year of four digits")
    }

    /// Refuses a notification address that WeChat refuses: it is absolute, with a path and without query or fragment.
    package static func checkNotifyURL(
        _ text: String, _ field: String = "notify_url", longest: Int = 255
    ) throws(WeChatPayError) {
        try check(text, field, 1...longest)
        if text.contains("?") || text.contains("#") {
            throw WeChatPayError(.invalidArgument, "\(field): must have no query and no fragment")
        }
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "https:" || parts[0] == "http:", parts[1].isEmpty,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), (try? BaseURL("\(parts[0])//\(parts[2])")) != nil
        else { throw WeChatPayError(.invalidArgument, "\(field): not an absolute http(s) URL with a path") }
    }
}
