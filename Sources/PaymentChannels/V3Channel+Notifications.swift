import HTTPTypes
import PaymentPrimitives
import Payments
import WeChatPay

extension V3Channel {
    package func receive(_ raw: RawNotification) async -> Received {
        var fields = HTTPFields()
        for header in raw.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        do {
            let notification = try await notifications.parse(headers: fields, body: raw.body)
            switch notification.resource {
            case .transaction(let transaction):
                if let field = transaction.missingForSuccess { return .rejected("\(field) is missing in a success") }
                return .observed([TradeFacts(transaction)])
            case .refund(let refund): return .observedRefund(RefundFacts(refund))
            case .partnerTransaction, .combineTransaction, .raw:
                return .event(id: notification.id, type: notification.eventType.rawValue, content: notification.plaintext)
            }
        } catch {
            // What may be different next time (a key that could not be fetched) must be sent again.
            let undecided: Set<WeChatPayError.Code> = [.unknownPlatformKey, .transport, .timeout]
            return undecided.contains(error.code) ? .undecided(error.description) : .rejected(error.description)
        }
    }

    package func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer {
        switch verdict {
        case .accepted: ChannelAnswer(status: 204)
        case .rejected: failure(status: 400)
        case .tryAgain: failure(status: 500)
        }
    }

    /// WeChat reads the status alone; the reason stays in our log.
    private func failure(status: Int) -> ChannelAnswer {
        ChannelAnswer(
            status: status, contentType: "application/json; charset=utf-8",
            body: Array(#"{"code":"FAIL","message":"失败"}"#.utf8))
    }
}

extension Transaction {
    /// What API v3 always says of a paid order, and what is never booked without.
    var missingForSuccess: String? {
        guard trade.tradeState == .success || trade.tradeState == .refund else { return nil }
        if appid == nil { return "appid" }
        if trade.amount?.total == nil { return "amount.total" }
        if trade.amount?.currency == nil { return "amount.currency" }
        return trade.transactionID == nil ? "transaction_id" : nil
    }
}

extension TradeFacts {
    /// What API v3 attests about an order.
    init(_ transaction: Transaction) {
        self.init(
            state: TradeState(transaction.tradeState.rawValue), mchid: transaction.mchid, outTradeNo: transaction.outTradeNo)
        appid = transaction.appid
        transactionID = transaction.transactionID
        total = transaction.amount?.total
        currency = transaction.amount?.currency?.rawValue
        payerTotal = transaction.amount?.payerTotal
        openID = transaction.payer?.openid
        successTime = transaction.successTime
        // 免充值 coupons are not settled to the merchant.
        merchantDiscount = transaction.promotionDetail.filter { $0.type == "NOCASH" }.reduce(0) { $0 &+ ($1.amount ?? 0) }
    }
}
