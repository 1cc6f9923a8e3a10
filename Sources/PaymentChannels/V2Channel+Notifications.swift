import PaymentPrimitives
import Payments
import WeChatPayV2

extension V2Channel {
    package func receive(_ raw: RawNotification) async -> Received {
        do {
            // A refund's notification has no signature and its content in one element; which of the two it is, it says itself.
            // Either is checked as what it is, whatever the path. The
            // bytes alone could stand in a text that somebody chose.
            if raw.body.contains("<req_info>"), try XMLReader.read(raw.body)["req_info"] != nil {
                let hint = try client.notifications.refund(body: raw.body)
                return .refundHint(outTradeNo: hint.outTradeNo, outRefundNo: hint.outRefundNo)
            }
            let facts = TradeFacts(try client.notifications.payment(body: raw.body))
            if let field = facts.missingForSuccess { return .rejected("\(field) is missing in a success") }
            return .observed([facts])
        } catch {
            return .rejected(error.description)
        }
    }

    package func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer {
        switch verdict {
        case .accepted: answer(200, .success)
        // The reason stays in our log: whoever sent this may be anybody.
        case .rejected: answer(400, .failure("FAIL"))
        case .tryAgain: answer(500, .failure("FAIL"))
        }
    }

    private func answer(_ status: Int, _ acknowledgement: V2Acknowledgement) -> ChannelAnswer {
        ChannelAnswer(status: status, contentType: "text/xml; charset=utf-8", body: acknowledgement.body)
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { pattern in
            guard count >= pattern.count else { return false }
            return withUnsafeBufferPointer { bytes in
                (0...bytes.count - pattern.count).contains { start in
                    bytes[start] == pattern[0] && bytes[start..<start + pattern.count].elementsEqual(pattern)
                }
            }
        }
    }
}
