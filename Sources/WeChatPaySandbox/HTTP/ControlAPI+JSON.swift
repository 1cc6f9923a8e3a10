import PaymentPrimitives

extension SandboxOrder {
    var json: JSONValue {
        .record(
            ("mchid", .string(mchid)), ("sub_mchid", .text(subMchid)), ("out_trade_no", .string(outTradeNo)),
            ("combine_out_trade_no", .text(combineOutTradeNo)), ("appid", .string(appid)), ("sub_appid", .text(subAppid)),
            ("trade_type", .string(tradeType)), ("trade_state", .string(tradeState.rawValue)),
            ("transaction_id", .text(transactionID)), ("description", .string(description)), ("attach", .text(attach)),
            ("notify_url", .text(notifyURL)),
            (
                "amount",
                .record(
                    ("total", .integer(total)), ("payer_total", paidAt.map { _ in .integer(payerTotal) }),
                    ("currency", .string(currency)))
            ),
            ("payer", openid.map { .record(("openid", .string($0))) }), ("create_time", .time(createdAt)),
            ("time_expire", .time(timeExpire)), ("success_time", .time(paidAt)), ("close_time", .time(closedAt)),
            ("coupons", coupons.isEmpty ? nil : .array(coupons.map(\.json))), ("prepay_ids", prepayIDs.json))
    }
}

extension CombineOrder {
    func json(_ parts: [SandboxOrder]) -> JSONValue {
        .record(
            ("combine_mchid", .string(mchid)), ("combine_out_trade_no", .string(outTradeNo)),
            ("combine_appid", .string(appid)), ("trade_type", .string(tradeType)), ("notify_url", .string(notifyURL)),
            ("sub_orders", .array(parts.map(\.json))), ("prepay_ids", prepayIDs.json))
    }
}

extension [SandboxOrder.PrepayID] {
    fileprivate var json: JSONValue {
        .array(map { .record(("prepay_id", .string($0.id)), ("expire_time", .time($0.expiresAt))) })
    }
}

extension SandboxOrder.AppliedCoupon {
    fileprivate var json: JSONValue {
        .record(
            ("coupon_id", .string(couponID)), ("stock_id", .string(stockID)), ("name", .string(name)),
            ("type", .string(type.rawValue)), ("amount", .integer(amount)))
    }
}

extension Delivery {
    var json: JSONValue {
        .record(
            ("id", .string(id)), ("mchid", .string(mchid)), ("out_trade_no", .text(outTradeNo)),
            ("event_type", .string(eventType)), ("notify_url", .string(notifyURL)), ("create_time", .time(createdAt)),
            ("delivered", .bool(isDelivered)), ("next_due", .time(nextDue)),
            (
                "attempts",
                .array(
                    attempts.map { attempt in
                        .record(
                            ("number", .integer(attempt.number)), ("due", .time(attempt.due)), ("sent", .time(attempt.sentAt)),
                            ("status", attempt.status.map(JSONValue.integer)), ("error", .text(attempt.error)),
                            ("resend", .bool(attempt.isResend)))
                    })
            ),
            ("body", .string(body)))
    }
}

extension RecordedRequest {
    var json: JSONValue {
        .record(
            ("number", .integer(number)), ("time", .time(arrivedAt)), ("method", .string(method)), ("path", .string(path)),
            ("mchid", .text(mchid)), ("body", .string(body)), ("status", .integer(status)), ("code", .text(code)),
            ("answer", .string(answer)), ("request_id", .string(requestID)),
            (
                "signature_cause",
                cause.map {
                    .record(("code", .string($0.code)), ("en", .string($0.english)), ("zh", .string($0.chinese)))
                }
            ), ("fault", .text(fault)))
    }
}

extension SandboxWarning {
    var json: JSONValue {
        .record(
            ("code", .string(code)), ("mchid", .text(mchid)), ("message", .string(message)), ("count", .integer(count)),
            ("last_seen", .time(lastSeen)))
    }
}
