import HTTPTypes

/// The bills of a day: `client.bills`.
///
/// ```swift
/// let link = try await client.bills.trade(TradeBillRequest(date: day))
/// var rows = TradeBillRows(client.bills.download(link)).makeAsyncIterator()
/// while let row = try await rows.next() { … }
/// let summary = rows.summary
/// ```
///
/// Rows are WeChat's word only once the sequence has ended without an error: digest and summary row are checked then.
public struct Bills: Sendable {
    let client: Client

    /// Asks for a trade bill: `GET /v3/bill/tradebill` (《申请交易账单》).
    ///
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/noStatementExist`` when there was no trade on that
    ///   day, ``WeChatErrorCode/statementCreating`` when it is too early.
    public func trade(_ request: TradeBillRequest) async throws(WeChatPayError) -> BillLink {
        try await link("/v3/bill/tradebill", request.query())
    }

    /// Asks for a fund-flow bill: `GET /v3/bill/fundflowbill` (《申请资金账单》).
    ///
    /// - Throws: as ``trade(_:)``.
    public func fundFlow(_ request: FundFlowBillRequest) async throws(WeChatPayError) -> BillLink {
        try await link("/v3/bill/fundflowbill", request.query())
    }

    /// Downloads a bill: its bytes, uncompressed, in chunks (《下载账单》).
    ///
    /// Nothing is sent before the first chunk is asked for; each iteration is a download of its own.
    ///
    /// - Parameters:
    ///   - link: from ``trade(_:)`` or ``fundFlow(_:)``, not older than five minutes.
    ///   - limit: the most bytes that the uncompressed bill may have; default 1 GiB.
    ///   - timeout: how long the whole download may take.
    public func download(_ link: BillLink, limit: Int = 1 << 30, timeout: Duration = .seconds(600)) -> BillDownload {
        BillDownload(client: client, link: link, limit: limit, timeout: timeout)
    }

    private func link(_ path: String, _ query: [(name: String, value: String)]) async throws(WeChatPayError) -> BillLink {
        try await client.send(.get, path, query: query, isIdempotent: true).decode(BillLink.self)
    }
}

extension Client {
    /// Bills: trades, fund flow, download.
    public var bills: Bills { Bills(client: self) }
}
