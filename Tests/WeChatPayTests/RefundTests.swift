import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Refunds")
struct RefundTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }

    static let object = """
        {"refund_id":"50000000382019052709732678859","out_refund_no":"refund_1","transaction_id":"4200000000202311150000000001",
        "out_trade_no":"order_1234","channel":"ORIGINAL","user_received_account":"招商银行信用卡0403",
        "success_time":"2023-11-15T06:13:19+08:00","create_time":"2023-11-15T06:13:18+08:00","status":"SUCCESS",
        "funds_account":"UNSETTLED","amount":{"total":100,"refund":60,"from":[{"account":"AVAILABLE","amount":60}],
        "payer_total":90,"payer_refund":50,"settlement_refund":55,"settlement_total":95,"discount_refund":10,"currency":"CNY",
        "refund_fee":1},"promotion_detail":[{"promotion_id":"109519","scope":"SINGLE","type":"DISCOUNT","amount":10,
        "refund_amount":10,"goods_detail":[{"merchant_goods_id":"g1","wechatpay_goods_id":"w1","goods_name":"茶",
        "unit_price":60,"refund_amount":60,"refund_quantity":1}]}],"new_field":null}
        """

    static let request = RefundRequest(
        order: .outTradeNo("order_1234"), outRefundNo: "refund_1", amount: .init(refund: 60, total: 100))

    private func answering(_ json: String, _ status: Int = 200) throws -> (Client, ScriptedTransport) {
        let platform = platform
        let transport = ScriptedTransport { _, _ in platform.answer(status, json) }
        return (try testClient(transport, clock: clock), transport)
    }

    @Test("a refund is asked for by either number of its order, with all fields under WeChat's names, and read whole")
    func create() async throws {
        let (client, transport) = try answering(Self.object)
        var request = RefundRequest(
            order: .transactionID("4200000000202311150000000001"), outRefundNo: "refund_1",
            amount: .init(
                refund: 60, total: 100, from: [.init(account: .available, amount: 59), .init(account: .unavailable, amount: 1)]),
            reason: "商品已售完", notifyURL: "https://shop.example.com/notify", fundsAccount: .available,
            goodsDetail: [
                .init(
                    merchantGoodsID: "g1", wechatpayGoodsID: "w1", goodsName: "茶", unitPrice: 60, refundAmount: 60,
                    refundQuantity: 1)
            ], subMchid: "1900000009")
        let refund = try await client.refunds.create(request)
        #expect(refund.refundID == "50000000382019052709732678859" && refund.outRefundNo == "refund_1")
        #expect(refund.transactionID == "4200000000202311150000000001" && refund.outTradeNo == "order_1234")
        #expect(refund.status == .success && refund.channel == .original && refund.fundsAccount == .unsettled)
        #expect(refund.userReceivedAccount == "招商银行信用卡0403")
        #expect(refund.successTime == Timestamp(seconds: 1_699_999_999) && refund.createTime == Timestamp(seconds: 1_699_999_998))
        #expect(refund.amount.refundMoney == Money(fen: 60) && refund.amount.payerRefundMoney == Money(fen: 50))
        #expect(refund.amount.settlementRefund == 55 && refund.amount.settlementTotal == 95 && refund.amount.total == 100)
        #expect(refund.amount.discountRefund == 10 && refund.amount.payerTotal == 90 && refund.amount.refundFee == 1)
        #expect(refund.amount.from == [.init(account: .available, amount: 60)])
        #expect(refund.promotionDetail.first?.promotionID == "109519" && refund.promotionDetail.first?.refundAmount == 10)
        #expect(refund.promotionDetail.first?.goodsDetail.first?.refundQuantity == 1)
        #expect(refund.subMchid == nil)

        request = Self.request
        _ = try await client.refunds.create(request)
        #expect(transport.paths == ["/v3/refund/domestic/refunds", "/v3/refund/domestic/refunds"])
        #expect(
            try jsonValue(transport.requests[0].body)
                == jsonValue(
                    """
                    {"sub_mchid":"1900000009","transaction_id":"4200000000202311150000000001","out_refund_no":"refund_1",
                    "reason":"商品已售完","notify_url":"https://shop.example.com/notify","funds_account":"AVAILABLE",
                    "amount":{"refund":60,"total":100,"currency":"CNY","from":[{"account":"AVAILABLE","amount":59},
                    {"account":"UNAVAILABLE","amount":1}]},"goods_detail":[{"merchant_goods_id":"g1","wechatpay_goods_id":"w1",
                    "goods_name":"茶","unit_price":60,"refund_amount":60,"refund_quantity":1}]}
                    """))
        #expect(
            try jsonValue(transport.requests[1].body)
                == jsonValue(
                    """
                    {"out_trade_no":"order_1234","out_refund_no":"refund_1",
                    "amount":{"refund":60,"total":100,"currency":"CNY"}}
                    """))
    }

    @Test("a refund is asked for again under its number, percent-encoded, with the sub-merchant where there is one")
    func query() async throws {
        let (client, transport) = try answering(Self.object.replacing("refund_1", with: "r|1*@"))
        #expect(try await client.refunds.query(outRefundNo: "r|1*@").status == .success)
        _ = try await client.refunds.query(outRefundNo: "r|1*@", subMchid: "1900000009")
        #expect(
            transport.paths == [
                "/v3/refund/domestic/refunds/r%7C1%2A%40", "/v3/refund/domestic/refunds/r%7C1%2A%40?sub_mchid=1900000009",
            ])
        #expect(transport.requests.allSatisfy { $0.head.method == .get && $0.body.isEmpty })
    }

    @Test("an abnormal refund goes to a card whose number and owner are encrypted, under the serial of their key")
    func abnormal() async throws {
        let (client, transport) = try answering(Self.object.replacing("\"SUCCESS\"", with: "\"PROCESSING\""))
        let card = AbnormalRefundRequest.Destination.userBankCard(
            bankType: "ICBC_DEBIT", bankAccount: EncryptedText(ciphertext: "YQ==", serial: "PUB_KEY_ID_01"),
            realName: EncryptedText(ciphertext: "Yg==", serial: "PUB_KEY_ID_01"))
        let refund = try await client.refunds.applyAbnormal(
            AbnormalRefundRequest(
                refundID: "50000000382019052709732678859", outRefundNo: "refund_1", destination: card, subMchid: "1900000009"))
        #expect(refund.status == .processing)
        _ = try await client.refunds.applyAbnormal(
            AbnormalRefundRequest(
                refundID: "50000000382019052709732678859", outRefundNo: "refund_1", destination: .merchantBankCard))
        let path = "/v3/refund/domestic/refunds/50000000382019052709732678859/apply-abnormal-refund"
        #expect(transport.paths == [path, path])
        #expect(transport.requests[0].head.headerFields[.wechatpaySerial] == "PUB_KEY_ID_01")
        #expect(transport.requests[1].head.headerFields[.wechatpaySerial] == nil)
        #expect(
            try jsonValue(transport.requests[0].body)
                == [
                    "sub_mchid": "1900000009", "out_refund_no": "refund_1", "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
                    "bank_account": "YQ==", "real_name": "Yg==",
                ])
        #expect(
            try jsonValue(transport.requests[1].body) == ["out_refund_no": "refund_1", "type": "MERCHANT_BANK_CARD"])
    }

    @Test("sending an abnormal refund elsewhere is sent once; a refund is sent again under its number")
    func repetition() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in
            platform.answer(500, "{\"code\":\"SYSTEM_ERROR\",\"message\":\"m\"}")
        }
        let client = try testClient(transport, clock: clock)
        let error = await failure {
            _ = try await client.refunds.applyAbnormal(
                AbnormalRefundRequest(refundID: "5", outRefundNo: "r", destination: .merchantBankCard))
        }
        #expect(error?.advice == .askForTheOrder && transport.requests.count == 1)
        let other = await failure { _ = try await client.refunds.create(Self.request) }
        #expect(other?.advice == .sendAgain && transport.requests.count == 3)
        #expect(transport.requests[1].body == transport.requests[2].body)
    }

    @Test("an answer about another refund, order, amount or merchant is refused")
    func other() async throws {
        let wrong = [
            Self.object.replacing("refund_1", with: "refund_2"), Self.object.replacing("order_1234", with: "order_9999"),
            Self.object.replacing("\"refund\":60", with: "\"refund\":61"),
            Self.object.replacing("\"total\":100", with: "\"total\":99"),
            Self.object.replacing("\"CNY\"", with: "\"USD\""),
            Self.object.replacing("\"status\"", with: "\"sub_mchid\":\"2\",\"status\""),
            Self.object.replacing("\"refund\":60", with: "\"refund\":60.0"),
            Self.object.replacing("\"refund\":60,", with: ""), Self.object.replacing("\"status\":\"SUCCESS\",", with: ""),
        ]
        for json in wrong {
            let (client, _) = try answering(json)
            let error = await failure { _ = try await client.refunds.create(Self.request) }
            #expect(error?.code == .malformed && error?.isVerified == true && error?.advice == .askForTheOrder)
        }
        let (client, _) = try answering(Self.object)
        #expect(await code { _ = try await client.refunds.query(outRefundNo: "refund_2") } == .malformed)
        let elsewhere = AbnormalRefundRequest(refundID: "51", outRefundNo: "refund_1", destination: .merchantBankCard)
        #expect(await code { _ = try await client.refunds.applyAbnormal(elsewhere) } == .malformed)
        let byNumber = RefundRequest(
            order: .transactionID("4200000000202311150000000002"), outRefundNo: "refund_1",
            amount: .init(refund: 60, total: 100))
        #expect(await code { _ = try await client.refunds.create(byNumber) } == .malformed)
    }

    @Test(
        "WeChat's refusals keep their code and say what to do",
        arguments: [
            ("NOT_ENOUGH", 403, WeChatPayError.Advice.stop), ("NOTENOUGH", 403, .stop), ("RESOURCE_NOT_EXISTS", 404, .stop),
            ("INVALID_REQUEST", 400, .stop), ("USER_ACCOUNT_ABNORMAL", 403, .stop), ("SYSTEM_ERROR", 500, .sendAgain),
            ("FREQUENCY_LIMITED", 429, .sendAgain), ("BIZERR_NEED_RETRY", 400, .sendAgain),
        ])
    func refusals(code: String, status: Int, advice: WeChatPayError.Advice) async throws {
        let (client, _) = try answering("{\"code\":\"\(code)\",\"message\":\"m\"}", status)
        let error = await failure { _ = try await client.refunds.create(Self.request) }
        #expect(error?.code == .refused && error?.wechatCode?.rawValue == code && error?.advice == advice)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let message: String
        let change: @Sendable (inout RefundRequest) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout RefundRequest) -> Void) {
            self.message = message
            self.change = change
        }

        var testDescription: String { message }
    }

    static let goods = RefundRequest.Goods(merchantGoodsID: "g", unitPrice: 1, refundAmount: 1, refundQuantity: 1)
    static let refused: [Case] = [
        Case("amount.refund: 101, more than amount.total, 100") { $0.amount.refund = 101 },
        Case("amount.refund: 0, at least 1") { $0.amount.refund = 0 },
        Case("amount.refund: -1, at least 1") { $0.amount.refund = -1 },
        Case("amount.total: 0, at least 1") { $0.amount = .init(refund: 0, total: 0) },
        Case("amount.currency: 0 bytes, at least 1") { $0.amount.currency = Currency(rawValue: "") },
        Case("amount.from: the amounts do not add up to amount.refund") {
            $0.amount.from = [.init(account: .available, amount: 59)]
        },
        Case("amount.from: the amounts do not add up to amount.refund") {
            $0.amount.from = [.init(account: .available, amount: .max), .init(account: .unavailable, amount: .max)]
        },
        Case("amount.from[1].amount: 0, at least 1") {
            $0.amount.from = [.init(account: .available, amount: 60), .init(account: .unavailable, amount: 0)]
        },
        Case("amount.from[0].account: 0 bytes, at least 1") {
            $0.amount.from = [.init(account: FundsAccount(rawValue: ""), amount: 60)]
        },
        Case("out_refund_no: 0 bytes, at least 1") { $0.outRefundNo = "" },
        Case("out_refund_no: 65 bytes, at most 64") { $0.outRefundNo = String(repeating: "1", count: 65) },
        Case("out_refund_no: only 0-9 A-Z a-z _ - | * @ are allowed") { $0.outRefundNo = "refund/1" },
        Case("reason: 81 bytes, at most 80") { $0.reason = String(repeating: "汉", count: 27) },
        Case("reason: 0 bytes, at least 1") { $0.reason = "" },
        Case("notify_url: must have no query and no fragment") { $0.notifyURL = "https://a/b?c" },
        Case("notify_url: 257 bytes, at most 256") { $0.notifyURL = "https://a.example/" + String(repeating: "n", count: 239) },
        Case("sub_mchid: not 1 to 32 letters and digits") { $0.subMchid = "" },
        Case("transaction_id: not 1 to 32 letters and digits") { $0.order = .transactionID("") },
        Case("out_trade_no: 5 bytes, at least 6") { $0.order = .outTradeNo("12345") },
        Case("funds_account: 0 bytes, at least 1") { $0.fundsAccount = FundsAccount(rawValue: "") },
        Case("goods_detail[1].refund_quantity: 0, at least 1") {
            var none = goods
            none.refundQuantity = 0
            $0.goodsDetail = [goods, none]
        },
        Case("goods_detail[0].refund_amount: -1, at least 0") {
            $0.goodsDetail = [goods]
            $0.goodsDetail[0].refundAmount = -1
        },
        Case("goods_detail[0].merchant_goods_id: 0 bytes, at least 1") {
            $0.goodsDetail = [goods]
            $0.goodsDetail[0].merchantGoodsID = ""
        },
    ]

    @Test("what WeChat would refuse is refused before it is sent", arguments: refused)
    func refuses(test: Case) async throws {
        var request = Self.request
        test.change(&request)
        let client = try testClient(neverCalled, clock: clock)
        let error = await failure { [request] in _ = try await client.refunds.create(request) }
        #expect(error?.code == .invalidArgument && error?.message == test.message)
    }

    @Test("numbers and texts of an abnormal refund are checked, and two keys in one request are refused")
    func abnormalChecks() async throws {
        let client = try testClient(neverCalled, clock: clock)
        func text(_ ciphertext: String, _ serial: String = "A") -> EncryptedText { .init(ciphertext: ciphertext, serial: serial) }
        let cases: [(String, AbnormalRefundRequest)] = [
            (
                "refund_id: not 1 to 64 letters and digits",
                .init(refundID: "5/../6", outRefundNo: "r", destination: .merchantBankCard)
            ),
            ("out_refund_no: 0 bytes, at least 1", .init(refundID: "5", outRefundNo: "", destination: .merchantBankCard)),
            (
                "real_name: encrypted with another key than bank_account; a request has one serial",
                .init(
                    refundID: "5", outRefundNo: "r",
                    destination: .userBankCard(bankType: "ICBC_DEBIT", bankAccount: text("a"), realName: text("b", "B")))
            ),
            (
                "bank_account: 0 bytes, at least 1",
                .init(
                    refundID: "5", outRefundNo: "r",
                    destination: .userBankCard(bankType: "ICBC_DEBIT", bankAccount: text(""), realName: text("b")))
            ),
            (
                "Wechatpay-Serial: neither a certificate serial nor a public key id",
                .init(
                    refundID: "5", outRefundNo: "r",
                    destination: .userBankCard(bankType: "X", bankAccount: text("a", "A\n"), realName: text("b", "A\n")))
            ),
        ]
        for (message, request) in cases {
            let error = await failure { _ = try await client.refunds.applyAbnormal(request) }
            #expect(error?.code == .invalidArgument && error?.message == message)
        }
    }

    @Test("states, channels and accounts that nobody knows yet survive, and coupons in a new form hide nothing")
    func open() throws {
        let json = Self.object.replacing("\"SUCCESS\"", with: "\"DREAMING\"").replacing("\"ORIGINAL\"", with: "\"PIGEON\"")
            .replacing("\"UNSETTLED\"", with: "\"SOCK\"").replacing("\"promotion_id\":\"109519\"", with: "\"promotion_id\":1")
        let refund = try Refund(json: Array(json.utf8))
        #expect(refund.status.rawValue == "DREAMING" && refund.channel?.rawValue == "PIGEON")
        #expect(refund.fundsAccount?.rawValue == "SOCK" && refund.promotionDetail.isEmpty)
    }
}
