import CZlib
import Crypto
import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Bills")
struct BillTests {
    /// A day with each kind of row, and the numbers that the platform made.
    private struct Day {
        let caller: Caller
        let transactions: [String]
        let refunds: [String]
        let reversal: String
    }

    /// 2023-11-15, from 06:13:20 on, something every minute.
    private func day() async throws -> Day {
        let caller = try makeSandbox()
        let sandbox = caller.sandbox
        func minute() async throws { try await sandbox.advanceClock(by: 60) }
        try await caller.buy("ORDER0001", total: 1000)
        try await minute()
        try await caller.prepay(
            "ORDER0002",
            [
                "amount/total": .integer(1000), "description": "a,b\r\nc", "attach": nil,
                "scene_info": .record(("payer_client_ip", "127.0.0.1"), ("device_id", "POS1")),
            ])
        try caller.alter("ORDER0002") {
            $0.coupons = [
                .init(couponID: "C1", stockID: "S1", name: "充值券", type: .cash, amount: 200),
                .init(couponID: "C2", stockID: "S2", name: "立减", type: .noCash, amount: 100),
            ]
        }
        try await sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        try await minute()
        try await caller.refund("REFUND1", 400, ["amount/total": .integer(1000)])
        try await minute()
        try sandbox.setRefundOutcome(mchid: "1900000001", outRefundNo: "REFUND2", .abnormal)
        try await caller.refund("REFUND2", 500, ["amount/total": .integer(1000), "out_trade_no": "ORDER0002"])
        try await minute()
        try await caller.buy("ORDER0003", total: 50)
        try await minute()
        try sandbox.update { engine, moment in
            let order = try #require(engine.state.orders["1900000001/ORDER0003"])
            engine.giveBack(reversing: order, moment)
        }
        try await minute()
        try sandbox.topUp(mchid: "1900000001", amountFen: 2000)
        try await minute()
        try sandbox.withdraw(mchid: "1900000001", amountFen: 500)
        let state = sandbox.shared.withLock { $0.engine.state }
        return Day(
            caller: caller,
            transactions: (1...3).compactMap { state.orders["1900000001/ORDER000\($0)"]?.transactionID },
            refunds: (1...2).compactMap { state.money.refunds["1900000001/REFUND\($0)"]?.refundID },
            reversal: try #require(state.money.reversals.first?.refundID))
    }

    private func advance(_ caller: Caller, to time: String) async throws {
        let end = try #require(Timestamp(rfc3339: time))
        try await caller.sandbox.advanceClock(by: end.seconds - caller.sandbox.businessNow.seconds)
    }

    private func ask(_ caller: Caller, _ query: String) async throws -> Caller.Reply {
        try await caller.send("GET", "/v3/bill/\(query)")
    }

    /// Asks for a bill and downloads it.
    private func bill(_ caller: Caller, _ query: String) async throws -> [UInt8] {
        let offer = try await ask(caller, query).json
        let url = try #require(offer["download_url"]?.string)
        #expect(offer["hash_type"]?.string == "SHA1")
        let response = try await download(caller, url)
        #expect(response.head.status == .ok)
        let bytes = try await response.body.collect(upTo: 1_000_000)
        let plain = query.contains("GZIP") ? try inflated(bytes) : bytes
        #expect(offer["hash_value"]?.string == Hex.lower(Insecure.SHA1.hash(data: plain)))
        return plain
    }

    private func download(_ caller: Caller, _ url: String) async throws -> TransportResponse {
        let prefix = "https://api.mch.weixin.qq.com"
        #expect(url.hasPrefix(prefix + "/v3/billdownload/file?token="))
        return try await caller.sandbox.transport.send(
            caller.request("GET", String(url.dropFirst(prefix.count))), deadline: .seconds(5))
    }

    private func inflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var stream = z_stream()
        #expect(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: 1_000_000))
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = uInt(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(status == Z_STREAM_END)
        return Array(output.prefix(Int(stream.total_out)))
    }

    /// The bytes of a bill: byte order mark, and CRLF behind each line.
    private func file(_ lines: String) -> [UInt8] {
        [0xEF, 0xBB, 0xBF] + Array(lines.replacing("\n", with: "\r\n").utf8)
    }

    @Test("The trade bill of a day, byte for byte: payments, coupons, refunds as they stood at nine, a reversal")
    func all() async throws {
        let day = try await day()
        let (t, r) = (day.transactions, day.refunds)
        try await advance(day.caller, to: "2023-11-16T10:00:00+08:00")
        let expected = file(
            """
            交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
            `2023-11-15 06:13:20,`wx0000000000000001,`1900000001,`0,`,`\(t[0]),`ORDER0001,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`10.00,`0.00,`0,`0,`0.00,`0.00,`,`,`一杯咖啡,`桌号8,`0.06000,`0.60%,`10.00,`0.00,`
            `2023-11-15 06:14:20,`wx0000000000000001,`1900000001,`0,`POS1,`\(t[1]),`ORDER0002,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`9.00,`3.00,`0,`0,`0.00,`0.00,`,`,`a，b\\r\\nc,`,`0.05000,`0.60%,`10.00,`0.00,`
            `2023-11-15 06:15:20,`wx0000000000000001,`1900000001,`0,`,`\(t[0]),`ORDER0001,`oSandboxBuyer000000000000001,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`\(r[0]),`REFUND1,`4.00,`0.00,`ORIGINAL,`SUCCESS,`一杯咖啡,`桌号8,`-0.02000,`0.60%,`0.00,`4.00,`
            `2023-11-15 06:16:20,`wx0000000000000001,`1900000001,`0,`POS1,`\(t[1]),`ORDER0002,`oSandboxBuyer000000000000001,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`\(r[1]),`REFUND2,`4.50,`1.00,`ORIGINAL,`ABNORMAL,`a，b\\r\\nc,`,`-0.03000,`0.60%,`0.00,`5.00,`
            `2023-11-15 06:17:20,`wx0000000000000001,`1900000001,`0,`,`\(t[2]),`ORDER0003,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`0.50,`0.00,`0,`0,`0.00,`0.00,`,`,`一杯咖啡,`桌号8,`0.00000,`0.60%,`0.50,`0.00,`
            `2023-11-15 06:18:20,`wx0000000000000001,`1900000001,`0,`,`\(t[2]),`ORDER0003,`oSandboxBuyer000000000000001,`JSAPI,`REVOKED,`OTHERS,`CNY,`0.00,`0.00,`\(day.reversal),`ORDER0003,`0.50,`0.00,`ORIGINAL,`SUCCESS,`一杯咖啡,`桌号8,`0.00000,`0.60%,`0.00,`0.50,`
            总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
            `6,`19.50,`9.00,`1.00,`0.06000,`20.50,`9.50

            """)
        let bytes = try await bill(day.caller, "tradebill?bill_date=2023-11-15")
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        #expect(bytes == expected)
        // What happens to the refund afterwards changes no bill of that day.
        let path = "\(Caller.refunds)/\(r[1])/apply-abnormal-refund"
        let body = "{\"out_refund_no\":\"REFUND2\",\"type\":\"MERCHANT_BANK_CARD\"}"
        #expect(try await day.caller.send("POST", path, body).status == 200)
        try await day.caller.sandbox.advanceClock(by: 100)
        #expect(try await day.caller.queryRefund("REFUND2").json["status"]?.string == "SUCCESS")
        #expect(try await bill(day.caller, "tradebill?bill_date=2023-11-15&bill_type=ALL") == expected)
        #expect(try await bill(day.caller, "tradebill?bill_date=2023-11-15&tar_type=GZIP") == expected)
    }

    @Test("The bills of payments alone and of refunds alone, byte for byte")
    func successAndRefund() async throws {
        let day = try await day()
        let (t, r) = (day.transactions, day.refunds)
        try await advance(day.caller, to: "2023-11-16T10:00:00+08:00")
        let success = file(
            """
            交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注
            `2023-11-15 06:13:20,`wx0000000000000001,`1900000001,`0,`,`\(t[0]),`ORDER0001,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`10.00,`0.00,`一杯咖啡,`桌号8,`0.06000,`0.60%,`10.00,`
            `2023-11-15 06:14:20,`wx0000000000000001,`1900000001,`0,`POS1,`\(t[1]),`ORDER0002,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`9.00,`3.00,`a，b\\r\\nc,`,`0.05000,`0.60%,`10.00,`
            `2023-11-15 06:17:20,`wx0000000000000001,`1900000001,`0,`,`\(t[2]),`ORDER0003,`oSandboxBuyer000000000000001,`JSAPI,`SUCCESS,`OTHERS,`CNY,`0.50,`0.00,`一杯咖啡,`桌号8,`0.00000,`0.60%,`0.50,`
            总交易单数,应结订单总金额,手续费总金额,订单总金额
            `3,`19.50,`0.11000,`20.50

            """)
        #expect(try await bill(day.caller, "tradebill?bill_date=2023-11-15&bill_type=SUCCESS") == success)
        let refund = file(
            """
            交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
            `2023-11-15 06:15:20,`wx0000000000000001,`1900000001,`0,`,`\(t[0]),`ORDER0001,`oSandboxBuyer000000000000001,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`2023-11-15 06:15:20,`2023-11-15 06:15:25,`\(r[0]),`REFUND1,`4.00,`0.00,`ORIGINAL,`SUCCESS,`一杯咖啡,`桌号8,`-0.02000,`0.60%,`0.00,`4.00,`
            `2023-11-15 06:16:20,`wx0000000000000001,`1900000001,`0,`POS1,`\(t[1]),`ORDER0002,`oSandboxBuyer000000000000001,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`2023-11-15 06:16:20,`,`\(r[1]),`REFUND2,`4.50,`1.00,`ORIGINAL,`ABNORMAL,`a，b\\r\\nc,`,`-0.03000,`0.60%,`0.00,`5.00,`
            `2023-11-15 06:18:20,`wx0000000000000001,`1900000001,`0,`,`\(t[2]),`ORDER0003,`oSandboxBuyer000000000000001,`JSAPI,`REVOKED,`OTHERS,`CNY,`0.00,`0.00,`2023-11-15 06:18:20,`2023-11-15 06:18:20,`\(day.reversal),`ORDER0003,`0.50,`0.00,`ORIGINAL,`SUCCESS,`一杯咖啡,`桌号8,`0.00000,`0.60%,`0.00,`0.50,`
            总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
            `3,`0.00,`9.00,`1.00,`-0.05000,`0.00,`9.50

            """)
        #expect(try await bill(day.caller, "tradebill?bill_date=2023-11-15&bill_type=REFUND") == refund)
    }

    @Test("The fund flow bill of a day, byte for byte, with the balance after each movement")
    func fundFlow() async throws {
        let day = try await day()
        let (t, r) = (day.transactions, day.refunds)
        try await advance(day.caller, to: "2023-11-16T10:00:00+08:00")
        let bank = day.caller.ledger.entries.filter { [.topUp, .withdrawal].contains($0.business) }.map(\.reference)
        let expected = file(
            """
            记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号
            `2023-11-15 06:13:20,`\(t[0]),`1900000001202311150000000001,`交易,`交易,`收入,`10.00,`10.00,`system,`,`ORDER0001
            `2023-11-15 06:13:20,`\(t[0]),`1900000001202311150000000002,`交易,`扣除交易手续费,`支出,`0.06,`9.94,`system,`,`ORDER0001
            `2023-11-15 06:14:20,`\(t[1]),`1900000001202311150000000003,`交易,`交易,`收入,`9.00,`18.94,`system,`,`ORDER0002
            `2023-11-15 06:14:20,`\(t[1]),`1900000001202311150000000004,`交易,`扣除交易手续费,`支出,`0.05,`18.89,`system,`,`ORDER0002
            `2023-11-15 06:15:20,`\(r[0]),`1900000001202311150000000005,`退款,`退还交易手续费,`收入,`0.02,`18.91,`1900000001API,`缺货,`REFUND1
            `2023-11-15 06:15:20,`\(r[0]),`1900000001202311150000000006,`退款,`退款,`支出,`4.00,`14.91,`1900000001API,`缺货,`REFUND1
            `2023-11-15 06:16:20,`\(r[1]),`1900000001202311150000000008,`退款,`退还交易手续费,`收入,`0.03,`14.94,`1900000001API,`缺货,`REFUND2
            `2023-11-15 06:16:20,`\(r[1]),`1900000001202311150000000009,`退款,`退款,`支出,`4.50,`10.44,`1900000001API,`缺货,`REFUND2
            `2023-11-15 06:17:20,`\(t[2]),`1900000001202311150000000010,`交易,`交易,`收入,`0.50,`10.94,`system,`,`ORDER0003
            `2023-11-15 06:18:20,`\(day.reversal),`1900000001202311150000000011,`退款,`退款,`支出,`0.50,`10.44,`system,`,`ORDER0003
            `2023-11-15 06:19:20,`\(bank[0]),`1900000001202311150000000012,`充值,`充值,`收入,`20.00,`30.44,`1900000001@1900000001,`,`\(bank[0])
            `2023-11-15 06:20:20,`\(bank[1]),`1900000001202311150000000013,`提现,`提现,`支出,`5.00,`25.44,`1900000001@1900000001,`,`\(bank[1])
            资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
            `12,`6,`39.55,`6,`14.11

            """)
        let bytes = try await bill(day.caller, "fundflowbill?bill_date=2023-11-15&tar_type=GZIP")
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        #expect(try await bill(day.caller, "fundflowbill?bill_date=2023-11-15&account_type=BASIC") == expected)
        let balances = try day.caller.sandbox.balances(mchid: "1900000001")
        #expect(balances.unsettledFen + balances.availableFen == 2544)
        for account in ["OPERATION", "FEES"] {
            #expect(
                try await ask(day.caller, "fundflowbill?bill_date=2023-11-15&account_type=\(account)").code
                    == "NO_STATEMENT_EXIST")
        }
        // On the sixteenth: the settlement does not show, a top-up of the 运营账户 shows in that account's bill alone.
        try day.caller.sandbox.topUp(mchid: "1900000001", amountFen: 7, account: .operation)
        try await advance(day.caller, to: "2023-11-17T10:00:00+08:00")
        #expect(try await ask(day.caller, "fundflowbill?bill_date=2023-11-16").code == "NO_STATEMENT_EXIST")
        let operation = try await bill(day.caller, "fundflowbill?bill_date=2023-11-16&account_type=OPERATION")
        #expect(String(decoding: operation, as: UTF8.self).contains("`充值,`收入,`0.07,`0.07,"))
    }

    @Test("A movement that was booked behind a later one is in the bill of its day")
    func bookedLate() throws {
        let day = try #require(BeijingDate("2023-11-15"))
        var ledger = Ledger()
        for (days, fen) in [(1, 30), (0, 20)] as [(Int64, Int64)] {
            ledger.post(
                .topUp, .init(mchid: "1900000001", reference: "1", voucher: "1"),
                [.init(from: .bank, to: .available("1900000001"), fen: fen)], at: day.advanced(by: days).start)
        }
        let rows = FundFlowBill(ledger, .basic, "1900000001", day).rows
        #expect(rows.map(\.fen) == [20])
        #expect(rows.map(\.balance) == [20])
    }

    @Test("A bill is there from ten o'clock of the next day, for three months, when there is something in it")
    func dates() async throws {
        let caller = try makeSandbox()
        try await caller.buy()
        func answer(_ query: String) async throws -> String {
            let reply = try await ask(caller, query)
            #expect(reply.status == (reply.code == nil ? 200 : 400))
            return reply.code ?? "OK"
        }
        let yesterday = "tradebill?bill_date=2023-11-15"
        #expect(try await answer(yesterday) == "INVALID_REQUEST")
        #expect(try await answer("tradebill?bill_date=2023-11-16") == "INVALID_REQUEST")
        for (time, code) in [
            ("2023-11-16T00:00:00", "STATEMENT_CREATING"), ("2023-11-16T09:59:59", "STATEMENT_CREATING"),
            ("2023-11-16T10:00:00", "OK"), ("2024-02-15T10:00:00", "OK"), ("2024-02-16T00:00:00", "INVALID_REQUEST"),
        ] {
            try await advance(caller, to: time + "+08:00")
            #expect(try await answer(yesterday) == code, "\(time)")
        }
        #expect(try await answer("tradebill?bill_date=2024-01-10") == "NO_STATEMENT_EXIST")
        #expect(try await answer("tradebill?bill_date=2024-01-10&bill_type=REFUND") == "NO_STATEMENT_EXIST")
        for query in [
            "tradebill?bill_date=20240110", "tradebill?bill_date=2024-02-30", "fundflowbill?bill_date=",
            "tradebill?bill_date=2024-01-10&sub_mchid=x", "fundflowbill?bill_date=2024-01-10&sub_mchid=",
        ] { #expect(try await answer(query) == "INVALID_REQUEST", "\(query)") }
        for query in [
            "tradebill", "tradebill?bill_date=2024-01-10&bill_type=REF_SPECIAL", "tradebill?bill_date=2024-01-10&bill_type=x",
            "tradebill?bill_date=2024-01-10&tar_type=ZIP", "fundflowbill?bill_date=2024-01-10&account_type=x",
        ] { #expect(try await answer(query) == "PARAM_ERROR", "\(query)") }
        #expect(try await caller.send("POST", "/v3/bill/tradebill", "{}").status == 405)
        #expect(try await ask(caller, "tradebill?bill_date=2024-01-10&sub_mchid=1900000101").code == "NO_AUTH")
    }

    @Test("A bill is downloaded with a signature and without one in the answer, for five minutes, by its merchant only")
    func downloads() async throws {
        let caller = try makeSandbox()
        try await caller.buy()
        try await advance(caller, to: "2023-11-16T10:00:00+08:00")
        var request = try caller.request("GET", "/v3/bill/tradebill?bill_date=2023-11-15&tar_type=GZIP")
        request.head.scheme = "http"
        request.head.authority = "127.0.0.1:8100"
        let offer = try await caller.reply(to: request)
        #expect(offer.header("Wechatpay-Signature") != nil)
        let url = try #require(offer.json["download_url"]?.string)
        let prefix = "http://127.0.0.1:8100"
        #expect(url.hasPrefix(prefix + "/v3/billdownload/file?token="))
        #expect(url.hasSuffix("&tartype=gzip"))
        let path = String(url.dropFirst(prefix.count))
        let file = try await caller.sandbox.transport.send(caller.request("GET", path), deadline: .seconds(5))
        #expect(file.head.status == .ok)
        #expect(!file.head.headerFields.contains { $0.name.rawName.hasPrefix("Wechatpay-") })
        let bytes = try await file.body.collect(upTo: 10_000)
        #expect(try inflated(bytes).starts(with: [0xEF, 0xBB, 0xBF]))

        let unsigned = try caller.request("GET", path, defect: .init(header: { _ in nil }))
        #expect(try await caller.reply(to: unsigned).status == 401)
        let other = Caller(sandbox: caller.sandbox, merchant: caller.sandbox.merchants[1], clock: caller.clock)
        #expect(try await other.send("GET", path).code == "NO_AUTH")
        #expect(try await caller.send("GET", "/v3/billdownload/file?token=x").code == "INVALID_REQUEST")
        #expect(try await caller.send("GET", "/v3/billdownload/file").code == "INVALID_REQUEST")
        try await caller.sandbox.advanceClock(by: 299)
        #expect(try await caller.send("GET", path).status == 200)
        try await caller.sandbox.advanceClock(by: 1)
        let late = try await caller.send("GET", path)
        #expect(late.code == "INVALID_REQUEST")
        // A refusal is signed like any other.
        #expect(late.header("Wechatpay-Signature") != nil)
    }

    @Test("A service provider's bill has the rows of all its merchants, or of the one it names")
    func partner() async throws {
        let caller = try makeSandbox(merchant: 2)
        let openid = caller.openid
        try caller.sandbox.update { engine, moment in
            for (index, subMchid) in ["1900000101", "1900000102", "1900000102"].enumerated() {
                var order = SandboxOrder(
                    outTradeNo: "ORDER000\(index)", mchid: "1900000003", appid: "wx0000000000000003", tradeType: "JSAPI",
                    description: "咖啡", attach: nil, notifyURL: "https://pay.example.com/notify", total: 1000, currency: "CNY",
                    openid: openid, deviceID: nil, createdAt: moment.business, timeExpire: nil, tradeState: .success,
                    transactionID: "420000000000000000000000000\(index)", paidAt: moment.business, bankType: "OTHERS",
                    prepayIDs: [], parameters: "")
                order.subMchid = subMchid
                engine.state.orders[order.key] = order
                engine.settle(order, moment)
            }
        }
        try await advance(caller, to: "2023-11-16T10:00:00+08:00")
        func rows(_ query: String) async throws -> [String] {
            String(decoding: try await bill(caller, query), as: UTF8.self).split(separator: "\r\n")
                .filter { $0.contains(",`JSAPI,") || $0.contains(",`交易,`交易,") }.map(String.init)
        }
        let all = try await rows("tradebill?bill_date=2023-11-15")
        #expect(all.map { $0.split(separator: ",")[3] } == ["`1900000101", "`1900000102", "`1900000102"])
        #expect(all.allSatisfy { $0.split(separator: ",")[2] == "`1900000003" })
        #expect(try await rows("tradebill?bill_date=2023-11-15&sub_mchid=1900000102").count == 2)
        #expect(try await ask(caller, "tradebill?bill_date=2023-11-15&sub_mchid=1900000001").code == "NO_AUTH")
        // The provider's own account has not moved; its merchants' have.
        #expect(try await ask(caller, "fundflowbill?bill_date=2023-11-15").code == "NO_STATEMENT_EXIST")
        #expect(try await rows("fundflowbill?bill_date=2023-11-15&sub_mchid=1900000102").count == 2)
        #expect(caller.sandbox.warnings.map(\.code) == ["fundflowbill_sub_mchid"])
    }
}
