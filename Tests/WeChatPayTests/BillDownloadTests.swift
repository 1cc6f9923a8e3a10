import Crypto
import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Downloading bills")
struct BillDownloadTests {
    private let clock = JumpingClock()

    private func link(
        _ bytes: [UInt8], _ url: String = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Fb-_c&tartype=gzip"
    ) -> BillLink {
        BillLink(hashValue: Hex.upper(Insecure.SHA1.hash(data: bytes)), downloadURL: url)
    }

    private func serving(_ bytes: [UInt8], chunk: Int = 7) -> ScriptedTransport {
        ScriptedTransport { _, _ in
            let stream = AsyncStream<[UInt8]> { continuation in
                var begin = 0
                while begin < bytes.count {
                    continuation.yield(Array(bytes[begin..<min(bytes.count, begin + chunk)]))
                    begin += chunk
                }
                continuation.finish()
            }
            return TransportResponse(head: HTTPResponse(status: .ok), body: ResponseBody(stream))
        }
    }

    private func download(
        _ served: [UInt8], _ link: BillLink, limit: Int = 1 << 20, chunk: Int = 7,
        baseURL: String = "https://api.mch.weixin.qq.com"
    ) async throws -> [UInt8] {
        let client = try testClient(serving(served, chunk: chunk), clock: clock, baseURL: baseURL)
        var bytes: [UInt8] = []
        for try await part in client.bills.download(link, limit: limit) { bytes += part }
        return bytes
    }

    @Test("A bill is asked for with its day, type and compression, and the answer's link is taken")
    func request() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in
            platform.answer(
                200, #"{"hash_type":"SHA1","hash_value":"00","download_url":"https://api.mch.weixin.qq.com/x?token=secret"}"#)
        }
        let client = try testClient(transport, clock: clock)
        let day = try #require(BeijingDate("2026-11-22"))
        let link = try await client.bills.trade(TradeBillRequest(date: day, type: .all, subMchid: "1900000002"))
        #expect(link.downloadURL == "https://api.mch.weixin.qq.com/x?token=secret")
        #expect(!"\(link)".contains("secret"))
        _ = try await client.bills.trade(TradeBillRequest(date: day, isCompressed: false))
        _ = try await client.bills.fundFlow(FundFlowBillRequest(date: day, account: .basic))
        #expect(
            transport.paths == [
                "/v3/bill/tradebill?bill_date=2026-11-22&bill_type=ALL&sub_mchid=1900000002&tar_type=GZIP",
                "/v3/bill/tradebill?bill_date=2026-11-22",
                "/v3/bill/fundflowbill?bill_date=2026-11-22&account_type=BASIC&tar_type=GZIP",
            ])
        #expect(
            await code { _ = try await client.bills.trade(TradeBillRequest(date: day, subMchid: "a b")) } == .invalidArgument)
    }

    @Test("The download is signed over path and query as they stand in the address")
    func signed() async throws {
        let transport = serving(BillFixtures.all)
        let client = try testClient(transport, clock: clock)
        for try await _ in client.bills.download(link(BillFixtures.all)) {}
        let request = try #require(transport.requests.first)
        #expect(request.head.path == "/v3/billdownload/file?token=a%2Fb-_c&tartype=gzip")
        #expect(request.head.headerFields[.accept] == "*/*")
        let header = try #require(request.head.headerFields[.authorization])
        func field(_ name: String) -> String {
            header.components(separatedBy: name + "=\"").last?.components(separatedBy: "\"").first ?? ""
        }
        let message = SignString.request(
            method: "GET", path: "/v3/billdownload/file?token=a%2Fb-_c&tartype=gzip", timestamp: clock.now.seconds,
            nonce: field("nonce_str"), body: [])
        let signature = try #require(Data(base64Encoded: field("signature")))
        #expect(Platform.merchant.publicKey.isValid(signature: Array(signature), for: message))
    }

    @Test("Plain or compressed, in chunks of any size, the same bytes come out", arguments: [1, 2, 3, 19, 1000, 1 << 20])
    func compression(_ chunk: Int) async throws {
        let bill = BillFixtures.all
        #expect(try await download(bill, link(bill), chunk: chunk) == bill)
        #expect(try await download(BillFixtures.stored(bill), link(bill), chunk: chunk) == bill)
        let lines = Array(String(repeating: GzipFixtures.text, count: 40).utf8)
        let compressed = Array(try #require(Data(base64Encoded: GzipFixtures.lines)))
        #expect(try await download(compressed, link(lines), chunk: chunk) == lines)
        // gzip files may follow each other.
        #expect(try await download(compressed + compressed, link(lines + lines), chunk: chunk) == lines + lines)
        for short in [[], [0x1F], [0x0A]] as [[UInt8]] {
            #expect(try await download(short, link(short), chunk: chunk) == short)
        }
    }

    @Test("A gzip bomb is refused at the limit")
    func bomb() async throws {
        let bomb = Array(try #require(Data(base64Encoded: GzipFixtures.zeros)))
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        #expect(try await download(bomb, link(zeros), limit: 1 << 20) == zeros)
        let client = try testClient(serving(bomb), clock: clock)
        let taken = Shared(0)
        let error = await failure {
            for try await part in client.bills.download(link(zeros), limit: 100_000) {
                let count = part.count
                taken.change { $0 += count }
            }
        }
        #expect(error?.code == .responseTooLarge)
        #expect(taken.value <= 100_000)
        #expect(await code { _ = try await download(BillFixtures.all, link(BillFixtures.all), limit: 500) } == .responseTooLarge)
    }

    @Test("A bill with another digest is refused at its end")
    func digest() async throws {
        var changed = BillFixtures.all
        changed[400] ^= 1
        #expect(await code { _ = try await download(changed, link(BillFixtures.all)) } == .digestMismatch)
        #expect(
            await code { _ = try await download(Array(BillFixtures.all.dropLast()), link(BillFixtures.all)) } == .digestMismatch)
        let error = await failure { _ = try await download([], link(BillFixtures.all)) }
        #expect(error?.code == .digestMismatch)
        #expect(error?.advice == .sendAgain)
    }

    @Test("A compressed bill that is cut short or spoilt is refused")
    func cutShort() async throws {
        let bill = BillFixtures.all
        let compressed = BillFixtures.stored(bill)
        for count in [2, 9, 10, 500, compressed.count - 9, compressed.count - 1] {
            #expect(await code { _ = try await download(Array(compressed.prefix(count)), link(bill)) } == .malformed, "\(count)")
        }
        var spoilt = compressed
        spoilt[compressed.count - 5] ^= 1
        #expect(await code { _ = try await download(spoilt, link(bill)) } == .malformed)
        #expect(await code { _ = try await download(compressed + [1, 2, 3], link(bill)) } == .malformed)
    }

    @Test("Rows of a download are complete only when the digest was checked")
    func rows() async throws {
        let client = try testClient(serving(BillFixtures.stored(BillFixtures.all)), clock: clock)
        var numbers: [String] = []
        for try await row in TradeBillRows(client.bills.download(link(BillFixtures.all))) { numbers.append(row.outTradeNo) }
        #expect(numbers == ["order_1", "order_2", "order_0"])
        let other = BillLink(hashValue: String(repeating: "0", count: 40), downloadURL: link([]).downloadURL)
        let error = await failure { for try await _ in TradeBillRows(client.bills.download(other)) {} }
        #expect(error?.code == .digestMismatch)
    }

    @Test(
        "The merchant's signature goes to no other host",
        arguments: [
            "https://api.mch.weixin.qq.com.evil.example/x", "http://api.mch.weixin.qq.com/x",
            "https://api.mch.weixin.qq.com@evil/x",
            "https://evil.example/x?https://api.mch.weixin.qq.com/", "//api.mch.weixin.qq.com/x", "https://api.mch.weixin.qq.com",
            "https://api.mch.weixin.qq.com:8443/x", "https://api.mch.weixin.qq.com/x#y", "https://api.mch.weixin.qq.com/a b", "",
        ])
    func foreignHost(_ url: String) async throws {
        let client = try testClient(neverCalled, clock: clock)
        #expect(await code { for try await _ in client.bills.download(link([], url)) {} } == .invalidArgument)
    }

    @Test("WeChat's other hosts are taken where the client speaks to one of them, and a sandbox's own address to itself")
    func hosts() async throws {
        let bill = BillFixtures.success
        #expect(try await download(bill, link(bill, "https://api2.wechatpay.cn/x?token=1")) == bill)
        let sandbox = "http://127.0.0.1:8100"
        #expect(try await download(bill, link(bill, sandbox + "/x?token=1"), baseURL: sandbox) == bill)
        #expect(await code { _ = try await download(bill, link(bill), baseURL: sandbox) } == .invalidArgument)
    }

    @Test("A refusal is an error with WeChat's code, and a broken connection is tried again")
    func refused() async throws {
        let platform = Platform(clock: clock)
        let refusing = ScriptedTransport { _, _ in platform.answer(400, #"{"code":"PARAM_ERROR","message":"token 已过期"}"#) }
        let error = await failure {
            for try await _ in try testClient(refusing, clock: clock).bills.download(link([])) {}
        }
        #expect(error?.wechatCode == .paramError)
        #expect(error?.isVerified == true)
        let bill = BillFixtures.success
        let flaky = ScriptedTransport { _, number in
            if number == 1 { throw WeChatPayError(.transport, "reset") }
            return TransportResponse(head: HTTPResponse(status: .ok), body: ResponseBody(bill))
        }
        for try await _ in try testClient(flaky, clock: clock).bills.download(link(bill)) {}
        #expect(flaky.requests.count == 2)
        #expect(flaky.requests.allSatisfy { $0.head.authority == "api.mch.weixin.qq.com" })
        let empty = ScriptedTransport { _, _ in platform.answer(204, "") }
        #expect(
            await code { for try await _ in try testClient(empty, clock: clock).bills.download(link([])) {} } == .malformed)
    }

    @Test("A digest that is no SHA-1 is refused before anything is sent")
    func hashType() async throws {
        let client = try testClient(neverCalled, clock: clock)
        for link in [
            BillLink(hashType: "MD5", hashValue: String(repeating: "0", count: 40), downloadURL: link([]).downloadURL),
            BillLink(hashValue: "0", downloadURL: link([]).downloadURL),
            BillLink(hashValue: String(repeating: "g", count: 40), downloadURL: link([]).downloadURL),
        ] {
            #expect(await code { for try await _ in client.bills.download(link) {} } == .malformed)
        }
    }
}
