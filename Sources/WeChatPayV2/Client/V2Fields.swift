extension XMLFields {
    /// Adds a text of `range` bytes; nothing when it is nil, since WeChat wants no empty elements.
    mutating func add(_ text: String?, _ name: String, _ range: ClosedRange<Int>) throws(WeChatPayError) {
        guard let text else { return }
        try WeChatText.check(text, name, range)
        if text.isEmpty { return }
        self[name] = text
    }

    /// Adds the app id, and of a service provider the sub-merchant.
    mutating func add(appid: String, _ sub: V2SubMerchant?) throws(WeChatPayError) {
        try add(appid, "appid", 1...32)
        guard let sub else { return }
        try WeChatText.checkMchid(sub.subMchid, "sub_mch_id")
        self["sub_mch_id"] = sub.subMchid
        try add(sub.subAppid, "sub_appid", 1...32)
    }

    /// Adds an amount in fen.
    mutating func add(fen: Int64, _ name: String, least: Int64 = 1) throws(WeChatPayError) {
        guard fen >= least else { throw WeChatPayError(.invalidArgument, "\(name): \(fen), at least \(least)") }
        self[name] = String(fen)
    }

    /// Adds a moment as `yyyyMMddHHmmss` in Beijing.
    mutating func add(_ time: Timestamp?, _ name: String) throws(WeChatPayError) {
        guard let time else { return }
        try WeChatText.checkTime(time, name)
        self[name] = time.v2Text
    }

    /// A text that must be there.
    func text(_ name: String) throws(WeChatPayError) -> String {
        guard let text = optionalText(name) else { throw WeChatPayError.v2Malformed("\(name) is missing") }
        return text
    }

    /// A text; nil when it is absent or empty.
    func optionalText(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// An amount in fen, or a count, that must be there.
    func number(_ name: String) throws(WeChatPayError) -> Int64 {
        guard let number = try optionalNumber(name) else { throw WeChatPayError.v2Malformed("\(name) is missing") }
        return number
    }

    /// An amount in fen, or a count; nil when it is absent or empty.
    func optionalNumber(_ name: String) throws(WeChatPayError) -> Int64? {
        guard let text = optionalText(name) else { return nil }
        // One number has one text: what was signed as `01` is not what WeChat writes.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0", let number = Int64(text)
        else {
            throw WeChatPayError.v2Malformed("\(name) is not a whole number")
        }
        return number
    }

    /// A moment, `yyyyMMddHHmmss` or `yyyy-MM-dd HH:mm:ss`, always Beijing's.
    func optionalTime(_ name: String) throws(WeChatPayError) -> Timestamp? {
        guard let text = optionalText(name) else { return nil }
        guard let time = Timestamp(v2: text) else { throw WeChatPayError.v2Malformed("\(name) is not a time") }
        return time
    }
}

extension Timestamp {
    /// `yyyyMMddHHmmss`, Beijing.
    var v2Text: String { String(rfc3339.prefix(19).filter(\.isNumber)) }

    /// Reads `yyyyMMddHHmmss` or `yyyy-MM-dd HH:mm:ss` as Beijing's time.
    init?(v2 text: String) {
        guard text.utf8.count == 14 else {
            guard text.utf8.count == 19 else { return nil }
            self.init(rfc3339: text)
            return
        }
        var number: Int64 = 0
        for byte in text.utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int64(byte - 0x30)
        }
        let (day, time) = number.quotientAndRemainder(dividingBy: 1_000_000)
        guard time / 10_000 < 24, time / 100 % 100 < 60, time % 100 < 61,
            let date = BeijingDate(year: Int(day / 10_000), month: Int(day / 100 % 100), day: Int(day % 100))
        else { return nil }
        self.init(seconds: date.start.seconds + time / 10_000 * 3600 + time / 100 % 100 * 60 + time % 100)
    }
}

extension WeChatPayError {
    /// Signed by WeChat, and yet not what it documents.
    static func v2Malformed(_ what: String) -> WeChatPayError {
        WeChatPayError(.malformed, what, isVerified: true)
    }
}
