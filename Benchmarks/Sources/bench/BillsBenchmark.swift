import Foundation
import WeChatPay

/// A day's trade bill of a million rows, read by ``TradeBillReader``, next to DuckDB in the same minute.
struct BillsBenchmark {
    let rows: Int
    let python: String

    private static let rounds = 3

    func run(into report: inout Report) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/bench-bill-\(ProcessInfo.processInfo.processIdentifier).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let size = try BillFile.write(rows, to: path)
        let megabytes = Double(size) / 1_000_000
        var ours: [BillReading] = []
        var others: [Double] = []
        for round in 1...Self.rounds {
            let reading = try await onThread { try BillReading.inProcess(path) }
            guard reading.rows == rows else { throw BenchmarkFailure("\(reading.rows) of \(rows) rows were read") }
            ours.append(reading)
            if let other = try await onThread({ [python, rows] in try DuckDB.read(path, rows: rows, python: python) }) {
                others.append(other)
            }
            say(
                """
                round \(round): \(perSecond(Double(rows) / reading.seconds)) in \(decimals(reading.seconds, 3)) s, \
                \(decimals(reading.peakMegabytes, 1)) MB; \
                \(others.last.map { "duckdb, one thread, \(decimals($0, 3)) s" } ?? "no duckdb: pip install duckdb, then --python")
                """)
        }
        let seconds = median(ours.map(\.seconds))
        let what = "bill of \(rows) rows, \(decimals(megabytes, 0)) MB, one core"
        let rate = perSecond(Double(rows) / seconds)
        if others.count == ours.count {
            let other = median(others)
            report.add(
                what, rate, of: "duckdb read_csv \(perSecond(Double(rows) / other))",
                ratio: median(zip(ours, others).map { $1 / $0.seconds }), atLeast: 1)
        } else {
            report.add(what, rate)
        }
        report.add("memory while it is read", ours.map(\.peakMegabytes).max() ?? 0, below: 64, "MB", digits: 1)
    }
}

/// One reading of a bill, in a process that does nothing else, so that its memory is the reading's.
struct BillReading: Codable, Sendable {
    let rows: Int
    let seconds: Double
    let peakMegabytes: Double

    /// Starts this program once more with `bills-read`.
    static func inProcess(_ path: String) throws -> BillReading {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = ["bills-read", path]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkFailure("the bill could not be read") }
        return try JSONDecoder().decode(BillReading.self, from: data)
    }

    /// Reads here and now: every row typed, the summary checked.
    static func here(_ path: String) throws -> BillReading {
        guard let file = FileHandle(forReadingAtPath: path) else { throw BenchmarkFailure("\(path) cannot be read") }
        let start = ContinuousClock.now
        var reader = TradeBillReader()
        var rows = 0
        var total: Int64 = 0
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while case let count = read(file.fileDescriptor, &chunk, chunk.count), count > 0 {
            for row in try reader.read(count == chunk.count ? chunk : Array(chunk[..<count])) {
                rows += 1
                total += row.total
            }
        }
        for row in try reader.finish() {
            rows += 1
            total += row.total
        }
        let spent = start.duration(to: .now) / .seconds(1)
        guard reader.summary?.total == total else { throw BenchmarkFailure("the sums differ") }
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            let bytes = Double(usage.ru_maxrss)
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            let bytes = Double(usage.ru_maxrss) * 1024
        #endif
        return BillReading(rows: rows, seconds: spent, peakMegabytes: bytes / 1_000_000)
    }
}

/// A trade bill as WeChat writes it: every seventh row a refund.
enum BillFile {
    static let columns = [
        "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态", "付款银行", "货币种类",
        "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费", "费率",
        "订单金额", "申请退款金额", "费率备注",
    ]

    /// - Returns: the file's length in bytes.
    static func write(_ rows: Int, to path: String) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw BenchmarkFailure("\(path) cannot be written")
        }
        var text = "\u{FEFF}" + columns.joined(separator: ",") + "\r\n"
        var (paid, back, fees) = (Int64(0), Int64(0), Int64(0))
        var size = 0
        func flush() throws {
            let data = Data(text.utf8)
            size += data.count
            try file.write(contentsOf: data)
            text = ""
        }
        for row in 0..<rows {
            let isRefund = row % 7 == 6
            let fen = Int64(100 + row % 9973)
            let fee = fen * 6 / 1000
            let (hour, minute, second) = (row / 3600 % 24, row / 60 % 60, row % 60)
            let time = "2026-11-22 \(two(hour)):\(two(minute)):\(two(second))"
            let number = String(10_000_000 + row)
            text += "`\(time),`wx0000000000000001,`1900000001,`0,`,`42000000002026112200\(number),`order_\(number),"
            text += "`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`"
            if isRefund {
                back += fen
                fees -= fee
                text += "REFUND,`OTHERS,`CNY,`0.00,`0.00,`50000000382026112200\(number),`refund_\(number),`\(yuan(fen)),`0.00,"
                text += "`ORIGINAL,`SUCCESS,`红富士苹果 一斤,`,`-\(yuan(fee))000,`0.60%,`0.00,`\(yuan(fen)),`\r\n"
            } else {
                paid += fen
                fees += fee
                text += "SUCCESS,`OTHERS,`CNY,`\(yuan(fen)),`0.00,`0,`0,`0.00,`0.00,`,`,`红富士苹果 一斤,`,"
                text += "`\(yuan(fee))000,`0.60%,`\(yuan(fen)),`0.00,`\r\n"
            }
            if text.utf8.count > 1 << 20 { try flush() }
        }
        text += "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
        text += "`\(rows).0,`\(yuan(paid)),`\(yuan(back)),`0.00,`\(yuan(fees))000,`\(yuan(paid)),`\(yuan(back))\r\n"
        try flush()
        try file.close()
        return size
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func yuan(_ fen: Int64) -> String { "\(fen / 100).\(two(Int(fen % 100)))" }
}

/// DuckDB's `read_csv` on one thread, with the sums that the summary row needs.
enum DuckDB {
    private static let script = """
        import sys, time
        try:
            import duckdb
        except ImportError:
            sys.exit(3)
        path, names = sys.argv[1], sys.argv[2].split(",")
        database = duckdb.connect()
        database.execute("SET threads = 1")
        def number(name, digits):
            return f"sum(CAST(substr(\\"{name}\\", 2) AS DECIMAL(18, {digits})))"
        start = time.perf_counter()
        row = database.execute(
            f"SELECT count(*), max(CAST(substr(\\"交易时间\\", 2) AS TIMESTAMP)), {number('应结订单金额', 2)}, {number('退款金额', 2)},"
            f" {number('充值券退款金额', 2)}, {number('手续费', 5)}, {number('订单金额', 2)}, {number('申请退款金额', 2)}"
            " FROM read_csv(?, header = true, delim = ',', quote = '', escape = '', auto_detect = false, null_padding = true,"
            " parallel = false, columns = " + str({name: "VARCHAR" for name in names}) + ") WHERE \\"费率备注\\" IS NOT NULL",
            [path]).fetchone()
        print(time.perf_counter() - start, row[0])
        """

    /// Seconds; `nil` when that Python has no DuckDB.
    static func read(_ path: String, rows: Int, python: String) throws -> Double? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", script, path, BillFile.columns.joined(separator: ",")]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 3 || process.terminationStatus == 127 { return nil }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard process.terminationStatus == 0, words.count == 2, let seconds = Double(words[0]), Int(words[1]) == rows else {
            throw BenchmarkFailure("duckdb did not read the \(rows) rows: \(text)")
        }
        return seconds
    }
}
