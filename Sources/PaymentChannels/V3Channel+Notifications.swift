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
            case .transaction(let transaction): return observed(TradeFacts(transaction))
            case .partnerTransaction(let transaction): return observed(TradeFacts(transaction))
            case .refund(let refund): return .observedRefund(RefundFacts(refund))
            case .combineTransaction, .raw:
                return .event(id: notification.id, type: notification.eventType.rawValue, content: notification.plaintext)
            }
        } catch {
            // What may be different next time (a key that could not be fetched) must be sent again.
            let undecided: Set<WeChatPayError.Code> = [.unknownPlatformKey, .transport, .timeout]
            return undecided.contains(error.code) ? .undecided(error.description) : .rejected(error.description)
        }
    }

    private func observed(_ facts: TradeFacts) -> Received {
        if let field = facts.missingForSuccess { return .rejected("\(field) is missing in a success") }
        return .observed([facts])
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
