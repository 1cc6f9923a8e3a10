import CXML
import Foundation
import WeChatPayV2

/// A payment notification of API v2, read, verified and typed on one core, next to libxml2's parser alone and to the package
/// weixin-python in the same minute.
struct NotificationV2Benchmark {
    let python: String

    private static let rounds = 3
    private static let seconds = 2.0

    func run(into report: inout Report) async throws {
        let merchant = try V2Merchant(mchid: "10000100", apiKey: Secret("192006250b4c09247ec02edce69f6a2d"))
        let body = try Self.notification(merchant)
        let notifications = V2Notifications(merchant: merchant)
        var rates: [(ours: Double, parser: Double)] = []
        var others: [Double] = []
        for round in 1...Self.rounds {
            let parser = try Self.rate {
                let status = body.withUnsafeBytes { bytes in
                    parseAndForget(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
                }
                guard status == 0 else { throw BenchmarkFailure("libxml2 does not read the notification") }
            }
            let ours = try Self.rate { _ = try notifications.payment(body: body) }
            rates.append((ours, parser))
            if let other = try await onThread({ [python] in try WeixinPython.rate(body, python: python) }) {
                others.append(other)
            }
            say(
                """
                round \(round): v2 notification of \(body.count) bytes \(perSecond(ours)), libxml2 alone \(perSecond(parser)); \
                \(others.last.map { "weixin-python \(perSecond($0))" } ?? "no weixin-python: pip install weixin-python, then --python")
                """)
        }
        let ours = perSecond(median(rates.map(\.ours)))
        report.add(
            "v2 notification of \(body.count) bytes, one core", ours,
            of: "libxml2 alone \(perSecond(median(rates.map(\.parser))))", ratio: median(rates.map { $0.ours / $0.parser }),
            atLeast: 0.6)
        if others.count == rates.count {
            report.add(
                "the same", ours, of: "weixin-python \(perSecond(median(others)))",
                ratio: median(zip(rates, others).map { $0.ours / $1 }), atLeast: 2)
        }
    }

    /// As WeChat sends it, with two coupons.
    private static func notification(_ merchant: V2Merchant) throws -> [UInt8] {
        var fields = XMLFields()
        let values = [
            ("return_code", "SUCCESS"), ("appid", "wxd930ea5d5a258f4f"), ("mch_id", merchant.mchid), ("device_info", ""),
            ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"), ("result_code", "SUCCESS"),
            ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"), ("is_subscribe", "Y"), ("trade_type", "JSAPI"), ("bank_type", "CFT"),
            ("fee_type", "CNY"), ("total_fee", "100"), ("cash_fee", "85"), ("coupon_fee", "15"), ("coupon_count", "2"),
            ("coupon_type_0", "CASH"), ("coupon_id_0", "10000"), ("coupon_fee_0", "10"), ("coupon_type_1", "NO_CASH"),
            ("coupon_id_1", "10001"), ("coupon_fee_1", "5"), ("settlement_total_fee", "95"),
            ("transaction_id", "1004400740201409030005092168"), ("out_trade_no", "1409811653"), ("attach", "支付测试"),
            ("time_end", "20140903131540"),
        ]
        for (name, value) in values { fields[name] = value }
        fields["sign"] = V2Signature.sign(fields, key: merchant.apiKey, type: merchant.signType)
        return try fields.document()
    }

    /// Runs `body` for a while after a warm-up; operations per second of this thread's CPU time.
    private static func rate(_ body: () throws -> Void) throws -> Double {
        for _ in 0..<500 { try body() }
        let start = cpuSeconds()
        var count = 0
        var spent = 0.0
        while spent < seconds {
            for _ in 0..<500 { try body() }
            count += 500
            spent = cpuSeconds() - start
        }
        return Double(count) / spent
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// The same notification through `WeixinPay.to_dict` and `check`.
private enum WeixinPython {
    private static let program = """
        import sys, time
        from weixin.pay import WeixinPay
        text = sys.stdin.buffer.read().decode("utf-8")
        pay = WeixinPay("wxd930ea5d5a258f4f", "10000100", "192006250b4c09247ec02edce69f6a2d", "https://pay.example.com/n")
        def once():
            assert pay.check(pay.to_dict(text))
        for _ in range(200): once()
        count, start = 0, time.process_time()
        while time.process_time() - start < 2:
            for _ in range(100): once()
            count += 100
        print(count / (time.process_time() - start))
        """

    /// Notifications per second of its CPU time; nil when the package is not installed.
    static func rate(_ body: [UInt8], python: String) throws -> Double? {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, "-c", program]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(body))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) : nil
    }
}
