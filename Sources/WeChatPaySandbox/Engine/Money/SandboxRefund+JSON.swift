import PaymentPrimitives

extension SandboxRefund {
    var receivedAccount: String { rerouting?.receivedAccount ?? "支付用户零钱" }

    /// The refund object of 《申请退款》 and 《查询单笔退款》.
    var object: JSONValue {
        .record(
            (
                "amount",
                .record(
                    ("currency", "CNY"), ("discount_refund", .integer(refund - payerRefund)),
                    (
                        "from",
                        .array(from.map { .record(("account", .string($0.account)), ("amount", .integer($0.amount))) })
                    ),
                    ("payer_refund", .integer(payerRefund)), ("payer_total", .integer(payerTotal)),
                    ("refund", .integer(refund)), ("refund_fee", .integer(feeRefund)),
                    ("settlement_refund", .integer(settlementRefund)), ("settlement_total", .integer(settlementTotal)),
                    ("total", .integer(total)))
            ), ("channel", rerouting == nil ? "ORIGINAL" : "OTHER_BANKCARD"), ("create_time", .time(createdAt)),
            ("funds_account", .string(fundsAccount.rawValue)), ("out_refund_no", .string(outRefundNo)),
            ("out_trade_no", .string(outTradeNo)), ("promotion_detail", .array(coupons.map(\.object))),
            ("refund_id", .string(refundID)), ("status", .string(status.rawValue)), ("success_time", .time(successTime)),
            ("transaction_id", .string(transactionID)), ("user_received_account", .string(receivedAccount)))
    }

    /// What 《退款结果通知》 carries, encrypted.
    var notice: JSONValue {
        .record(
            (
                "amount",
                .record(
                    ("payer_refund", .integer(payerRefund)), ("payer_total", .integer(payerTotal)),
                    ("refund", .integer(refund)), ("total", .integer(total)))
            ), ("mchid", subMchid == nil ? .string(mchid) : nil), ("out_refund_no", .string(outRefundNo)),
            ("out_trade_no", .string(outTradeNo)), ("refund_id", .string(refundID)),
            ("refund_status", .string(status.rawValue)), ("sp_mchid", subMchid == nil ? nil : .string(mchid)),
            ("sub_mchid", .text(subMchid)), ("success_time", .time(successTime)), ("transaction_id", .string(transactionID)),
            ("user_received_account", .string(receivedAccount)))
    }

    /// What the control calls show: the refund object and what only the platform knows.
    var json: JSONValue {
        object.setting("mchid", to: .string(mchid))
            .setting("sub_mchid", to: .text(subMchid) ?? .null)
            .setting("reason", to: .text(reason) ?? .null)
            .setting("notify_url", to: .text(notifyURL) ?? .null)
            .setting("from_console", to: .bool(isFromConsole))
            .setting(
                "changes",
                to: .array(changes.map { .record(("status", .string($0.status.rawValue)), ("time", .time($0.at))) }))
    }
}

extension SandboxRefund.CouponRefund {
    fileprivate var object: JSONValue {
        .record(
            ("amount", .integer(amount)), ("promotion_id", .string(couponID)), ("refund_amount", .integer(refundAmount)),
            ("scope", "GLOBAL"), ("type", type == .cash ? "COUPON" : "DISCOUNT"))
    }
}
