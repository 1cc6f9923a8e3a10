import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Refunds of API v2")
struct RefundTests {
    private let side = WeChatSide()

    private func request(_ change: (inout V2RefundRequest) -> Void = { _ in }) -> V2RefundRequest {
        var request = V2RefundRequest(
            appid: WeChatSide.appid, order: .transactionID("1004400740201409030005092168"), outRefundNo: "R1409811653-1",
            total: 100, refund: 100, reason: "退", fundsAccount: .available)
        change(&request)
        return request
    }

    @Test("A refund goes out with the certificate; WeChat's answer with its empty refund_channel and its zeros is read")
    func refund() async throws {
        let (plain, certified) = (
            ScriptedTransport { _, _ in answer("") }, ScriptedTransport { _, _ in answer(Documents.refundReply) }
        )
        let refund = try await testClient(plain, certificate: certified).refund(request())
        #expect(plain.requests.isEmpty && certified.paths == ["/secapi/pay/refund"])
        let fields = try certified.fields()
        #expect(fields["refund_account"] == "REFUND_SOURCE_RECHARGE_FUNDS" && fields["refund_desc"] == "退")
        #expect(fields["total_fee"] == "100" && fields["refund_fee"] == "100" && fields["out_trade_no"] == nil)
        #expect(refund.refundID == "2008450740201411110000174436" && refund.refund == 100 && refund.cashRefund == 100)
        #expect(refund.couponRefund == 0 && refund.coupons.isEmpty)
    }

    @Test("rows 51, 53: what cannot be right is refused before it is sent, and the field is named")
    func validation() {
        for (field, request): (String, V2RefundRequest) in [
            ("refund_fee", request { $0.refund = 101 }), ("refund_fee", request { $0.refund = 0 }),
            ("refund_fee", request { $0.refund = -1 }), ("total_fee", request { $0.total = 0 }),
            ("out_refund_no", request { $0.outRefundNo = "" }),
            ("out_refund_no", request { $0.outRefundNo = String(repeating: "a", count: 65) }),
            ("refund_desc", request { $0.reason = String(repeating: "a", count: 81) }),
            ("refund_account", request { $0.fundsAccount = .operation }),
            ("transaction_id", request { $0.order = .transactionID("a b") }),
            ("out_trade_no", request { $0.order = .outTradeNo("") }), ("notify_url", request { $0.notifyURL = "https://x" }),
        ] {
            let error = #expect(throws: WeChatPayError.self) { try request.fields() }
            #expect(error?.code == .invalidArgument && error?.message.hasPrefix(field + ":") == true, "\(field)")
        }
    }

    @Test("An answer about another refund or amount is not believed; a broken connection is tried again")
    func otherRefund() async throws {
        let transport = ScriptedTransport { _, _ in answer(Documents.refundReply) }
        let client = try testClient(transport, certificate: transport)
        for other in [request { $0.outRefundNo = "R2" }, request { $0.refund = 99 }] {
            let error = await failure { _ = try await client.refund(other) }
            #expect(error?.code == .malformed && error?.advice == .askForTheOrder)
        }
        let broken = ScriptedTransport { _, number in
            if number == 1 { throw WeChatPayError(.transport, "") }
            return answer(Documents.refundReply)
        }
        _ = try await testClient(broken, certificate: broken).refund(request())
        #expect(broken.requests.count == 2)
    }

    private static func item(_ index: Int, _ status: String) -> [(String, String)] {
        [
            ("out_refund_no_\(index)", "R\(index)"), ("refund_id_\(index)", "5000\(index)"), ("refund_fee_\(index)", "10"),
            ("refund_status_\(index)", status), ("refund_channel_\(index)", "ORIGINAL"),
            ("refund_recv_accout_\(index)", "支付用户零钱"),
        ]
    }

    @Test("Refunds are read by their numbers; a coupon's part and the parts of the coupons are told apart")
    func query() async throws {
        let side = side
        let transport = ScriptedTransport { _, _ in
            side.reply(
                [
                    ("transaction_id", "4200"), ("out_trade_no", "1415659990"), ("total_fee", "100"), ("refund_count", "4"),
                    ("total_refund_count", "14"), ("refund_success_time_0", "2016-07-25 15:26:26"),
                    ("coupon_refund_fee_0", "3"), ("coupon_refund_count_0", "2"), ("coupon_refund_fee_0_0", "1"),
                    ("coupon_refund_id_0_0", "c1"), ("coupon_refund_fee_0_1", "2"), ("coupon_type_0_1", "NO_CASH"),
                ] + Self.item(0, "SUCCESS") + Self.item(1, "PROCESSING") + Self.item(2, "REFUNDCLOSE") + Self.item(3, "CHANGE"))
        }
        let list = try await testClient(transport)
            .queryRefunds(appid: WeChatSide.appid, .order(.outTradeNo("1415659990")), offset: 10)
        #expect(try transport.fields()["offset"] == "10")
        #expect(list.totalCount == 14 && list.refunds.map(\.status) == [.success, .processing, .closed, .abnormal])
        #expect(list.refunds.map(\.wechatStatus) == ["SUCCESS", "PROCESSING", "REFUNDCLOSE", "CHANGE"])
        let first = try #require(list.refunds.first)
        #expect(first.couponRefund == 3 && first.coupons.map(\.amount) == [1, 2] && first.coupons[1].type == "NO_CASH")
        #expect(first.successTime == Timestamp(rfc3339: "2016-07-25T15:26:26+08:00"))
        #expect(first.userReceivedAccount == "支付用户零钱" && first.channel == .original)
    }

    @Test("An answer without the refund that was asked for is not believed; REFUNDNOTEXIST is told")
    func notAsked() async throws {
        let side = side
        let pairs = [("transaction_id", "4200"), ("out_trade_no", "1415659990"), ("total_fee", "100"), ("refund_count", "1")]
        let client = try testClient(
            ScriptedTransport { _, number in
                number < 4 ? side.reply(pairs + Self.item(0, "SUCCESS")) : side.refusal("REFUNDNOTEXIST")
            })
        #expect(try await client.queryRefunds(appid: WeChatSide.appid, .outRefundNo("R0")).refunds.count == 1)
        for number in [V2RefundNumber.outRefundNo("R1"), .refundID("50001"), .outRefundNo("R0")] {
            let error = await failure { _ = try await client.queryRefunds(appid: WeChatSide.appid, number) }
            #expect(error?.code == (number == .outRefundNo("R0") ? .refused : .malformed))
        }
    }

    @Test("A count of refunds that is not there is malformed, however large it is")
    func counts() async throws {
        let side = side
        for count in ["51", "9223372036854775807", "-1", "2"] {
            let client = try testClient(
                ScriptedTransport { _, _ in
                    side.reply(
                        [
                            ("transaction_id", "4200"), ("out_trade_no", "1415659990"), ("total_fee", "100"),
                            ("refund_count", count),
                        ] + Self.item(0, "SUCCESS"))
                })
            let error = await failure { _ = try await client.queryRefunds(appid: WeChatSide.appid, .outRefundNo("R0")) }
            #expect(error?.code == .malformed)
        }
    }
}
