import Foundation
import PaymentPrimitives
import WeChatPay
import WeChatPaySandbox

/// The next morning: fetches the bill of the day, checks it, and finds every payment and refund of the walk in it.
struct DemoBill: Sendable {
    let walk: DemoPurchases

    /// - Parameters:
    ///   - started: business time before the first purchase.
    ///   - payments: the numbers and totals of what was bought, in fen.
    ///   - refunded: how many refunds there were, and their sum in fen.
    func run(started: Timestamp, payments: [DemoPurchases.Bought], refunded: (count: Int, total: Int64)) async throws {
        walk.console.say("\nThe next morning", "\n次日上午")
        let steps = DemoSteps("bill", walk.console)
        let days = try await steps.run("T+1", ("Clock to ten o'clock", "时钟拨到次日 10 点")) {
            let now = try await Self.businessTime(at: walk.sandboxURL, walk.http)
            let (first, last) = (BeijingDate(started), BeijingDate(now))
            // WeChat makes the bill at nine and hands it out from ten.
            let morning = last.advanced(by: 1).start.advanced(by: .seconds(10 * 3600 + 60))
            _ = try await walk.http.post(
                walk.sandboxURL + "/_sandbox/clock/advance", ["seconds": morning.since(now).components.seconds])
            // A walk across midnight is in two bills.
            return (first == last ? [first] : [first, last], morning.rfc3339)
        }
        _ = try await steps.run("trade", ("Trade bill", "交易账单")) {
            ((), try await check(days, payments, refunded))
        }
    }

    private func check(
        _ days: [BeijingDate], _ payments: [DemoPurchases.Bought], _ refunded: (count: Int, total: Int64)
    ) async throws -> String {
        let client = try client()
        var missing = Dictionary(uniqueKeysWithValues: payments.map { ($0.outTradeNo, $0.total) })
        var refunds: (count: Int, total: Int64) = (0, 0)
        var fee = BillFee(milliFen: 0)
        for day in days {
            let link = try await client.bills.trade(TradeBillRequest(date: day))
            var rows = TradeBillRows(client.bills.download(link)).makeAsyncIterator()
            while let row = try await rows.next() {
                if row.refundID != nil {
                    refunds = (refunds.count + 1, refunds.total + row.requestedRefund)
                } else if let total = missing.removeValue(forKey: row.outTradeNo) {
                    try demoRequire(row.total == total, "\(row.outTradeNo) is billed with \(row.total) fen, expected \(total)")
                }
            }
            if let summary = rows.summary { fee = BillFee(milliFen: fee.milliFen + summary.fee.milliFen) }
        }
        try demoRequire(missing.isEmpty, "not in the bill: \(missing.keys.sorted().joined(separator: ", "))")
        // Earlier walks of the same day are in the bill too.
        try demoRequire(
            refunds.count >= refunded.count && refunds.total >= refunded.total,
            "the bill has \(refunds.count) refunds of \(refunds.total) fen, expected \(refunded.count) of \(refunded.total)")
        let texts = walk.console.texts
        return texts(
            "\(payments.count) payments and \(refunded.count) refunds found, digest and summary right, fees \(fee)",
            "\(payments.count) 笔支付与 \(refunded.count) 笔退款均在账单中，摘要与汇总行无误，手续费 \(fee)")
    }

    static func businessTime(at sandboxURL: String, _ http: DemoHTTP) async throws -> Timestamp {
        let text = try await http.get(sandboxURL + "/_sandbox/clock", token: nil).text("business_time")
        guard let time = Timestamp(rfc3339: text) else { throw CommandFailure("business_time is no time: \(text)") }
        return time
    }

    private func client() throws -> WeChatPay.Client {
        let account = walk.merchant
        return try WeChatPay.Client(
            merchant: Merchant(
                mchid: account.mchid, serialNo: account.serialNo, privateKey: MerchantPrivateKey(pem: account.privateKeyPEM),
                apiV3Key: account.apiV3Key,
                publicKeys: [WeChatPayPublicKey(id: account.publicKeyID, pem: account.publicKeyPEM)]),
            baseURL: walk.sandboxURL, transport: AsyncHTTPClientTransport())
    }
}
