import ArgumentParser
import Foundation
import PaymentPrimitives
import WeChatPay

/// `wechatpay bill`.
struct BillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill", abstract: "Downloads and checks the bill of a day. 下载并核对某日账单。",
        discussion: """
            WeChat makes the bill of a day the next morning; it can be fetched from ten o'clock on, for three months.
            Digest and summary row are checked; a file is only there when both were right.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case trade, fundflow
    }

    @Option(help: "The configuration, see docs/configuration.md.")
    var config: String
    @Option(help: "The merchant's id in the configuration.")
    var merchant: String
    @Option(help: "The day, yyyy-mm-dd, in Beijing.")
    var date: String
    @Option(help: "Payments and refunds, or every movement of money.")
    var kind = Kind.trade
    @Option(help: "Of a service provider: the bill of this merchant alone.")
    var subMchid: String?
    @Option(help: "Where to write it; default: ./MERCHANT-KIND-DATE.csv")
    var out: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.current(environment: environment)
        guard let day = BeijingDate(date) else { throw CommandFailure("--date: \(date) is not a day of the form 2026-01-31") }
        if kind == .fundflow, subMchid != nil {
            throw CommandFailure("--sub-mchid: a fund-flow bill is of the whole account; leave it out")
        }
        let configuration = try Configuration.load(path: config, environment: environment)
        guard let entry = configuration.merchants.first(where: { $0.id == merchant }) else {
            let known = configuration.merchants.map(\.id).joined(separator: ", ")
            throw CommandFailure("--merchant: there is no merchant \(merchant) in \(config); there are: \(known)")
        }
        guard let keys = entry.v3 else {
            throw CommandFailure("merchant \(merchant) has no keys of API v3 in \(config), and bills are fetched with these")
        }
        let client = try ConfiguredMerchants.client(
            entry, keys, .init(transport: AsyncHTTPClientTransport(), wireClock: SystemClock(), random: SystemRandom()))
        let path = out ?? "\(merchant)-\(kind.rawValue)-\(day).csv"
        let summary = try await fetch(day, client, to: path, console)
        console.outcome(ok: true, detail: "\(path): \(summary)")
    }

    private func fetch(
        _ day: BeijingDate, _ client: WeChatPay.Client, to path: String, _ console: Console
    ) async throws -> String {
        let file = try BillFile(path: path)
        switch kind {
        case .trade:
            let link = try await client.bills.trade(TradeBillRequest(date: day, subMchid: subMchid))
            var reader = TradeBillReader()
            for try await chunk in client.bills.download(link) {
                _ = try reader.read(chunk)
                try file.write(chunk)
            }
            _ = try reader.finish()
            try file.keep()
            guard let summary = reader.summary else { throw CommandFailure("the bill has no summary row") }
            let total = Money(fen: summary.total ?? summary.settlementTotal).yuan
            let refund = Money(fen: summary.requestedRefund ?? summary.refund ?? 0).yuan
            return console.texts(
                "\(summary.count) rows, orders \(total) yuan, refunds \(refund) yuan, fees \(summary.fee) yuan",
                "\(summary.count) 行，订单 \(total) 元，退款 \(refund) 元，手续费 \(summary.fee) 元")
        case .fundflow:
            let link = try await client.bills.fundFlow(FundFlowBillRequest(date: day))
            var reader = FundFlowBillReader()
            for try await chunk in client.bills.download(link) {
                _ = try reader.read(chunk)
                try file.write(chunk)
            }
            _ = try reader.finish()
            try file.keep()
            guard let summary = reader.summary else { throw CommandFailure("the bill has no summary row") }
            let (income, expense) = (Money(fen: summary.income).yuan, Money(fen: summary.expense).yuan)
            return console.texts(
                "\(summary.count) rows, in \(income) yuan, out \(expense) yuan",
                "\(summary.count) 行，收入 \(income) 元，支出 \(expense) 元")
        }
    }
}

/// A file that takes its name only when it is whole.
private final class BillFile {
    private let path: String
    private let handle: FileHandle
    private var isKept = false

    init(path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path + ".part", contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path + ".part")
        else { throw CommandFailure("\(path).part cannot be written") }
        self.handle = handle
    }

    func write(_ chunk: [UInt8]) throws { try handle.write(contentsOf: Data(chunk)) }

    /// Puts it on disk under its name.
    func keep() throws {
        try handle.synchronize()
        guard rename(path + ".part", path) == 0 else { throw CommandFailure("\(path) cannot be written") }
        isKept = true
    }

    deinit {
        try? handle.close()
        if !isKept { try? FileManager.default.removeItem(atPath: path + ".part") }
    }
}
