import Foundation
import HTTPTypes
import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Bills of API v2")
struct BillTests {
    private static let day = BeijingDate("2026-11-22")

    private func gzip(_ base64: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: base64))) }

    private func rows(_ response: TransportResponse) async throws -> [TradeBillRow] {
        let client = try testClient(ScriptedTransport { _, _ in response })
        let bill = try client.tradeBill(.init(appid: WeChatSide.appid, date: try #require(Self.day)))
        var rows: [TradeBillRow] = []
        for try await row in TradeBillRows(bill) { rows.append(row) }
        return rows
    }

    @Test("A bill is read as text, compressed, and in single bytes, commas within values included")
    func trade() async throws {
        let plain = Array(BillFixtures.trade.utf8)
        let packed = try gzip(BillFixtures.tradeGzip)
        func dribbled(_ bytes: [UInt8]) -> TransportResponse {
            let chunks = AsyncStream<[UInt8]> { stream in
                for byte in bytes { stream.yield([byte]) }
                stream.finish()
            }
            return TransportResponse(head: HTTPResponse(status: .ok), body: ResponseBody(chunks))
        }
        for response in [answer(plain), answer(packed), dribbled(plain), dribbled(packed), answer([0xEF, 0xBB, 0xBF] + plain)] {
            let rows = try await rows(response)
            #expect(rows.map(\.outTradeNo) == ["order_1"])
            #expect(rows.first?.description == "茶, tea")
        }
    }

    @Test("The request is signed and says which day, which rows and whether it is compressed")
    func request() async throws {
        let transport = ScriptedTransport { _, number in
            if number == 1 { throw WeChatPayError(.transport, "") }
            return answer(BillFixtures.trade)
        }
        let bill = try testClient(transport).tradeBill(
            .init(
                appid: WeChatSide.appid, date: try #require(Self.day), type: .refund, isCompressed: false,
                sub: V2SubMerchant(subMchid: "1900000109")))
        #expect(transport.requests.isEmpty, "nothing is sent before the first chunk is asked for")
        for try await _ in bill {}
        #expect(transport.paths == ["/pay/downloadbill", "/pay/downloadbill"])
        let fields = try transport.fields(1)
        #expect(fields["bill_date"] == "20261122" && fields["bill_type"] == "REFUND" && fields["tar_type"] == nil)
        #expect(fields["sub_mch_id"] == "1900000109")
        #expect(fields["sign"] == WeChatSide().signature(fields.elements.map { ($0.name, $0.value) }))
    }

    @Test("What WeChat says in place of a bill is told, with blanks before it too")
    func refusals() async throws {
        for (text, code, advice): (String, WeChatErrorCode?, WeChatPayError.Advice) in [
            ("No Bill Exist</return_msg><error_code>20002</error_code>", .noStatementExist, .askForTheOrder),
            ("NO Bill Exist</return_msg>", .noStatementExist, .askForTheOrder),
            ("Bill Creating</return_msg>", .statementCreating, .sendAgain),
            ("SYSTEMERROR</return_msg>", .systemError, .sendAgain), ("SIGN ERROR</return_msg>", .signError, .stop),
            ("invalid bill_type</return_msg>", nil, .askForTheOrder),
        ] {
            for start in ["", "\r\n ", "<?xml version=\"1.0\"?>"] {
                let xml = "\(start)<xml><return_code>FAIL</return_code><return_msg>\(text)</xml>"
                let error = await failure { _ = try await rows(answer(xml)) }
                #expect(error?.code == .refused && error?.wechatCode == code && error?.isVerified == false, "\(text)")
                #expect(error?.advice == advice, "\(text)")
            }
        }
        let flow =
            "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>BILL_CREATING</err_code></xml>"
        #expect(await failure { _ = try await rows(answer(flow)) }?.wechatCode == .statementCreating)
        #expect(await failure { _ = try await rows(answer("<html>", status: 502)) }?.code == .refused)
    }

    @Test("row 88, 89: a bomb is not unpacked, a bill that is cut short is noticed")
    func broken() async throws {
        let packed = try gzip(BillFixtures.tradeGzip)
        #expect(await failure { _ = try await rows(answer(Array(packed.dropLast(9)))) }?.code == .malformed)
        #expect(await failure { _ = try await rows(answer(Array(BillFixtures.trade.utf8.dropLast(60)))) }?.code == .malformed)
        #expect(await failure { _ = try await rows(answer("")) }?.code == .malformed)
        let client = try testClient(ScriptedTransport { _, _ in answer(packed) })
        let bill = try client.tradeBill(.init(appid: WeChatSide.appid, date: try #require(Self.day)), limit: 100)
        #expect(await failure { for try await _ in bill {} }?.code == .responseTooLarge)
    }

    @Test("A fund-flow bill wants the certificate and HMAC-SHA256, whatever the merchant signs with; its digest is checked")
    func fundFlow() async throws {
        let packed = try gzip(BillFixtures.fundFlowGzip)
        let name = try #require(HTTPField.Name("Digest"))
        for (digest, isGood) in [
            ("SHA=\(BillFixtures.fundFlowSHA1)", true), ("SHA=\(BillFixtures.fundFlowGzipSHA1.uppercased())", true),
            ("SHA=\(String(repeating: "0", count: 40))", false),
        ] {
            let transport = ScriptedTransport { _, _ in answer(packed, [name: digest]) }
            let client = try testClient(ScriptedTransport { _, _ in answer("") }, certificate: transport)
            let bill = try client.fundFlowBill(.init(appid: WeChatSide.appid, date: try #require(Self.day)))
            let error = await failure {
                var count = 0
                for try await row in FundFlowBillRows(bill) {
                    #expect(row.amount == 2)
                    count += 1
                }
                #expect(count == 1)
            }
            #expect(error?.code == (isGood ? nil : .digestMismatch))
            let fields = try transport.fields()
            #expect(transport.paths == ["/pay/downloadfundflow"])
            #expect(fields["account_type"] == "Basic" && fields["sign_type"] == "HMAC-SHA256" && fields["sign"]?.count == 64)
        }
        let bare = try testClient(ScriptedTransport { _, _ in answer("") })
        #expect(throws: WeChatPayError.invalidArgument) {
            try bare.fundFlowBill(.init(appid: WeChatSide.appid, date: try #require(Self.day)))
        }
    }
}
