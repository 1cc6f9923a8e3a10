import Foundation
import Testing

@testable import WeChatPay

@Suite("Reading bills")
struct BillReaderTests {
    private func time(_ text: String) -> Timestamp? { Timestamp(rfc3339: text) }

    private func problem(_ bytes: [UInt8]) -> String {
        do throws(WeChatPayError) {
            _ = try TradeBillReader.rows(in: bytes)
            return "read"
        } catch {
            return error.code == .malformed ? error.message : "\(error)"
        }
    }

    @Test("A bill of everything gives payments and refunds in whole fen, and its summary")
    func all() throws {
        let (rows, summary) = try TradeBillReader.rows(in: BillFixtures.all)
        #expect(rows.count == 3)
        let paid = rows[0]
        #expect(paid.tradeTime == time("2026-11-22T10:00:01+08:00"))
        #expect(paid.appid == "wx0000000000000001")
        #expect(paid.mchid == "1900000001")
        #expect(paid.subMchid == nil)
        #expect(paid.transactionID == "4200000000202611220000000001")
        #expect(paid.outTradeNo == "order_1")
        #expect(paid.withOutTradeNo { Array($0) } == Array("order_1".utf8))
        #expect(paid.openid == "oBuyer1")
        #expect(paid.tradeType == .jsapi)
        #expect(paid.tradeState == .success)
        #expect(paid.bankType == "OTHERS")
        #expect(paid.currency == .cny)
        #expect(paid.settlementTotal == 600)
        #expect(paid.total == 600)
        #expect(paid.fee == BillFee(milliFen: 4000))
        #expect(paid.fee.fen == 4)
        #expect(paid.rate == "0.60%")
        #expect(!paid.isRefund)
        #expect(paid.refundID == nil)
        #expect(paid.refundAmount == 0)
        let other = rows[1]
        #expect(other.subMchid == "1900000002")
        #expect(other.deviceID == "POS-1")
        #expect(other.settlementTotal == 1134)
        #expect(other.couponAmount == 100)
        #expect(other.total == 1234)
        #expect(other.rateNote == "优惠")
        #expect(other["费率备注"] == "优惠")
        #expect(other["没有"] == nil)
        let refund = rows[2]
        #expect(refund.isRefund)
        #expect(refund.tradeState == .refund)
        #expect(refund.refundID == "50000000382026112200000000001")
        #expect(refund.outRefundNo == "refund_1")
        #expect(refund.refundAmount == 500)
        #expect(refund.couponRefund == 50)
        #expect(refund.requestedRefund == 550)
        #expect(refund.refundChannel == "ORIGINAL")
        #expect(refund.refundState == "PROCESSING")
        #expect(refund.fee == BillFee(milliFen: -3000))
        #expect(refund.fee.description == "-0.03000")
        #expect(
            summary
                == TradeBillSummary(
                    count: 3, settlementTotal: 1734, refund: 500, couponRefund: 50, fee: BillFee(milliFen: 8000), total: 1834,
                    requestedRefund: 550))
    }

    @Test("Commas and backticks in a name part no cells")
    func commas() throws {
        let row = try TradeBillReader.rows(in: BillFixtures.all).rows[0]
        #expect(row.description == "茶, tea ` 100%")
        #expect(row.attach == "a,b")
        #expect(row.rateNote.isEmpty)
    }

    @Test("A bill of payments has no refund columns")
    func success() throws {
        let (rows, summary) = try TradeBillReader.rows(in: BillFixtures.success)
        #expect(rows.map(\.total) == [600])
        #expect(rows[0].refundID == nil)
        #expect(rows[0].withOutRefundNo { $0.count } == 0)
        #expect(summary.refund == nil)
        #expect(summary.total == 600)
    }

    @Test("A bill of refunds says when each was asked for and succeeded")
    func refund() throws {
        let (rows, summary) = try TradeBillReader.rows(in: BillFixtures.refund)
        #expect(rows[0].refundApplied == time("2026-11-22T12:00:00+08:00"))
        #expect(rows[0].refundSucceeded == time("2026-11-22T12:00:03+08:00"))
        #expect(rows[1].refundSucceeded == nil)
        #expect(rows[1].refundState == "PROCESSING")
        #expect(summary.requestedRefund == 650)
        #expect(summary.fee.milliFen == -3000)
    }

    @Test("A bill with the names of before 2018 is read, its 总金额 as both amounts")
    func legacy() throws {
        let (rows, summary) = try TradeBillReader.rows(in: BillFixtures.legacy)
        #expect(rows[0].settlementTotal == 1)
        #expect(rows[0].total == 1)
        #expect(rows[0].subMchid == nil)
        #expect(rows[1].refundAmount == 1)
        #expect(rows[1].requestedRefund == 1)
        #expect(summary.count == 2)
        #expect(summary.couponRefund == 0)
        #expect(summary.total == nil)
    }

    @Test("A fund-flow bill gives movements and balances in fen", arguments: ["(元)", "（元）", ""])
    func fundFlow(_ unit: String) throws {
        let bytes = BillFixtures.replacing("(元)", unit, in: BillFixtures.fundFlow)
        let (rows, summary) = try FundFlowBillReader.rows(in: bytes)
        #expect(rows.map(\.amount) == [600, 4, 550])
        #expect(rows.map(\.balance) == [10600, 10596, 10046])
        #expect(rows.map(\.direction) == [.income, .expense, .expense])
        #expect(rows[1].businessType == "扣除交易手续费")
        #expect(rows[2].remark == "缺货")
        #expect(rows[2].voucher == "REF2")
        #expect(rows[0].accountingTime == time("2026-11-22T10:00:01+08:00"))
        #expect(
            summary == FundFlowBillSummary(count: 3, incomeCount: 1, income: 600, expenseCount: 2, expense: 554))
    }

    @Test("With or without a byte order mark, with CR LF or LF, with or without the last line end: the same rows")
    func lineEnds() throws {
        let text = String(decoding: BillFixtures.all.dropFirst(3), as: UTF8.self)
        let expected = try TradeBillReader.rows(in: BillFixtures.all)
        for variant in [
            text, text.replacingOccurrences(of: "\r\n", with: "\n"),
            "\u{FEFF}" + text.replacingOccurrences(of: "\r\n", with: "\n"),
            String(text.unicodeScalars.dropLast(2)), text + "\r\n",
        ] {
            let (rows, summary) = try TradeBillReader.rows(in: Array(variant.utf8))
            #expect(summary == expected.summary)
            #expect(rows.map(\.outTradeNo) == expected.rows.map(\.outTradeNo))
            #expect(rows.map(\.rateNote) == expected.rows.map(\.rateNote))
        }
    }

    @Test("Rows without backticks are read too, as a spreadsheet program saves them")
    func withoutBackticks() throws {
        let bytes = BillFixtures.replacing("`", "", in: BillFixtures.success)
        let (rows, summary) = try TradeBillReader.rows(in: bytes)
        #expect(rows.map(\.outTradeNo) == ["order_1"])
        #expect(rows[0].total == 600)
        #expect(rows[0].description == "茶")
        #expect(rows[0].rateNote.isEmpty)
        #expect(summary.count == 1)
    }

    @Test("Cut anywhere into chunks, a bill has the same rows")
    func chunks() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let random = SeededRandom(seed)
        for _ in 0..<200 {
            var chunks: [[UInt8]] = []
            var rest = BillFixtures.all[...]
            while !rest.isEmpty {
                let count = min(rest.count, 1 + Int(random.bytes(1)[0]))
                chunks.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let parts = chunks
            let stream = AsyncStream { continuation in
                for part in parts { continuation.yield(part) }
                continuation.finish()
            }
            var rows = TradeBillRows(stream).makeAsyncIterator()
            var numbers: [String] = []
            while let row = try await rows.next() { numbers.append("\(row.outTradeNo) \(row.total) \(row.rateNote)") }
            #expect(numbers == ["order_1 600 ", "order_2 1234 优惠", "order_0 0 "], "seed \(seed)")
            #expect(rows.summary?.count == 3, "seed \(seed)")
            #expect(try await rows.next() == nil)
        }
    }

    @Test(
        "A summary that differs from the rows is refused, naming its column",
        arguments: [
            ("`3.0,`17.34", "`4.0,`17.34", "总交易单数"), ("`17.34", "`17.35", "应结订单总金额"), ("`17.34,`5.00", "`17.34,`5.01", "退款总金额"),
            ("`0.5,", "`0.51,", "充值券退款总金额"), ("`0.08,", "`0.09,", "手续费总金额"), ("`18.34", "`18.33", "订单总金额"),
            ("`18.34,`5.50", "`18.34,`5.5001", "申请退款总金额"), ("`18.34,`5.50", "`18.34,`-5.50", "申请退款总金额"),
        ])
    func tampered(_ old: String, _ new: String, _ column: String) {
        #expect(problem(BillFixtures.replacing(old, new)).contains("summary: \(column) is"))
    }

    @Test("A row that was taken out, added or changed is found by the summary")
    func changedRows() throws {
        let lines = String(decoding: BillFixtures.all, as: UTF8.self).components(separatedBy: "\r\n")
        let removed = (lines[..<2] + lines[3...]).joined(separator: "\r\n")
        #expect(problem(Array(removed.utf8)).contains("总交易单数"))
        let doubled = (lines[...2] + lines[2...]).joined(separator: "\r\n")
        #expect(problem(Array(doubled.utf8)).contains("总交易单数"))
        #expect(problem(BillFixtures.replacing("`6.00,`0.00,`\r\n", "`6.01,`0.00,`\r\n")).contains("订单总金额"))
    }

    @Test("A bill that is cut short anywhere is refused")
    func cutShort() {
        // Without its last zero the last number is the same one.
        for count in 0..<(BillFixtures.all.count - 3) {
            #expect(problem(Array(BillFixtures.all.prefix(count))) != "read", "\(count) bytes")
        }
    }

    @Test(
        "A malformed bill is refused, naming line and column",
        arguments: [
            ("`6.00,`0.00,`0,", "`6.0O,`0.00,`0,", "line 2: 应结订单金额"), ("`12.34,", "`12.345,", "line 3: 订单金额"),
            ("`-0.03000", "`", "line 4: 手续费"), ("`1.00,", "`99999999999999999999.00,", "line 3: 代金券金额"),
            ("`5.00,`0.50", "`.,`0.50", "line 4: 退款金额"), ("`2026-11-22 23:59:59", "`2026-11-31 23:59:59", "line 3: 交易时间"),
            ("`2026-11-22 23:59:59", "`2026/11/22 23:59:59", "line 3: 交易时间"), ("`POS-1,", "`,`POS-1,", "line 3: 28 cells"),
            ("`POS-1,", "", "line 3: 26 cells"), ("商户订单号", "订单", "no column 商户订单号"), ("设备号,", "商户号,", "column 商户号 twice"),
            ("`5.50\r\n", "`5.50\r\n`more\r\n", "after the summary"), ("`18.34,`5.50", "`18.34", "6 values for 7 names"),
            ("手续费总金额", "手续费", "lacks"), ("`豆", "`\u{0}", "NUL"),
        ])
    func malformed(_ old: String, _ new: String, _ text: String) {
        let found = problem(BillFixtures.replacing(old, new))
        #expect(found.contains(text), "\(found)")
    }

    @Test("A line of ten megabytes is refused before it is in memory")
    func longLine() throws {
        var reader = TradeBillReader()
        _ = try reader.read(BillFixtures.all.prefix(while: { $0 != 0x0D }) + [0x0D, 0x0A])
        let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 16 * 1024)
        var taken = 0
        #expect(throws: WeChatPayError.malformed) {
            for _ in 0..<640 {
                _ = try reader.read(chunk)
                taken += chunk.count
            }
        }
        #expect(taken <= 128 * 1024)
        #expect(problem(BillFixtures.replacing("`豆", "`" + String(repeating: "x", count: 10 << 20))).contains("line 3: longer"))
    }

    @Test("An empty day has a header and a summary of zeros")
    func empty() throws {
        let lines = String(decoding: BillFixtures.success, as: UTF8.self).components(separatedBy: "\r\n")
        let bytes = Array([lines[0], lines[2], "`0.0,`0.00,`0.00,`0.00", ""].joined(separator: "\r\n").utf8)
        let (rows, summary) = try TradeBillReader.rows(in: bytes)
        #expect(rows.isEmpty)
        #expect(summary.count == 0)
        #expect(problem([]) != "read")
        #expect(problem(Array("not a bill\n".utf8)) != "read")
        #expect(problem(BillFixtures.fundFlow) != "read")
    }
}
