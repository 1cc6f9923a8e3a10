/// Which trade bill is asked for (《下载交易账单》).
public struct V2TradeBillRequest: Hashable, Sendable {
    /// An app id of the merchant.
    public var appid: String
    /// The day in Beijing. Its bill is there from 10:00 of the next day on, for three months.
    public var date: BeijingDate
    /// Which rows.
    public var type: TradeBillType
    /// Whether WeChat compresses the file on the way. The reader does not notice.
    public var isCompressed: Bool
    /// For a service provider: one sub-merchant alone.
    public var sub: V2SubMerchant?

    /// A request out of its parts.
    public init(
        appid: String, date: BeijingDate, type: TradeBillType = .all, isCompressed: Bool = true, sub: V2SubMerchant? = nil
    ) {
        self.appid = appid
        self.date = date
        self.type = type
        self.isCompressed = isCompressed
        self.sub = sub
    }
}

/// Which fund-flow bill is asked for (《下载资金账单》).
public struct V2FundFlowBillRequest: Hashable, Sendable {
    /// An app id of the merchant.
    public var appid: String
    /// The day in Beijing.
    public var date: BeijingDate
    /// Which account.
    public var account: BillAccount
    /// Whether WeChat compresses the file on the way. The reader does not notice.
    public var isCompressed: Bool

    /// A request out of its parts.
    public init(appid: String, date: BeijingDate, account: BillAccount = .basic, isCompressed: Bool = true) {
        self.appid = appid
        self.date = date
        self.account = account
        self.isCompressed = isCompressed
    }
}

extension V2Client {
    /// The trade bill of a day: `POST /pay/downloadbill` (《下载交易账单》), uncompressed, in chunks for ``TradeBillRows``.
    ///
    /// Nothing is sent before the first chunk is asked for. Nobody signs the file and WeChat gives no digest of it: only TLS
    /// vouches for it. Its summary row is checked by the reader.
    ///
    /// - Parameters:
    ///   - request: which one.
    ///   - limit: the most bytes that the uncompressed bill may have; default 1 GiB.
    ///   - timeout: how long the whole download may take.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument`. The iteration throws `refused` with
    ///   ``WeChatErrorCode/noStatementExist`` when there was no trade on that day, ``WeChatErrorCode/statementCreating`` when
    ///   it is too early.
    public func tradeBill(
        _ request: V2TradeBillRequest, limit: Int = 1 << 30, timeout: Duration = .seconds(600)
    ) throws(WeChatPayError) -> V2BillDownload {
        var fields = XMLFields()
        try fields.add(appid: request.appid, request.sub)
        fields["bill_date"] = request.date.v2Text
        try fields.add(request.type.rawValue, "bill_type", 1...32)
        if request.isCompressed { fields["tar_type"] = "GZIP" }
        let call = try call("/pay/downloadbill", fields, needsCertificate: false)
        return V2BillDownload(client: self, call: call, signType: merchant.signType, limit: limit, timeout: timeout)
    }

    /// The fund-flow bill of a day: `POST /pay/downloadfundflow` (《下载资金账单》), with the merchant's certificate and always
    /// signed with HMAC-SHA256, in chunks for ``FundFlowBillRows``. The SHA-1 that WeChat gives in `Digest` is checked at the
    /// end.
    ///
    /// - Throws: as ``tradeBill(_:limit:timeout:)``; the iteration also `digestMismatch`.
    public func fundFlowBill(
        _ request: V2FundFlowBillRequest, limit: Int = 1 << 30, timeout: Duration = .seconds(600)
    ) throws(WeChatPayError) -> V2BillDownload {
        var fields = XMLFields()
        try fields.add(appid: request.appid, nil)
        fields["bill_date"] = request.date.v2Text
        // API v3 writes it in capitals, API v2 the first letter alone.
        let account = request.account.rawValue
        try fields.add(account.prefix(1).uppercased() + account.dropFirst().lowercased(), "account_type", 1...32)
        if request.isCompressed { fields["tar_type"] = "GZIP" }
        let call = try call("/pay/downloadfundflow", fields, needsCertificate: true)
        return V2BillDownload(client: self, call: call, signType: .hmacSHA256, limit: limit, timeout: timeout)
    }
}

extension BeijingDate {
    /// `yyyyMMdd`.
    var v2Text: String { description.filter(\.isNumber) }
}
