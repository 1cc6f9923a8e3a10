/// A notification as it is sent: its resource still encrypted.
struct NotificationEnvelope: Decodable {
    let id: String
    let createTime: String?
    let eventType: String
    let resourceType: String?
    let summary: String?
    let resource: EncryptedResource

    enum CodingKeys: String, CodingKey {
        case id, summary, resource
        case createTime = "create_time"
        case eventType = "event_type"
        case resourceType = "resource_type"
    }

    /// Opens the resource and refuses one of another kind than the envelope says.
    func open(key: Secret) throws(WeChatPayError) -> Notification {
        let plaintext = try resource.open(key: key)
        let content = try decodeStrictly(Content.self, plaintext, "the resource").get()
        let event = EventType(rawValue: eventType)
        return Notification(
            id: id, createTime: createTime.flatMap { Timestamp(rfc3339: $0) }, eventType: event,
            resourceType: resourceType ?? "", summary: summary ?? "", originalType: resource.originalType,
            resource: try kind(event, content), plaintext: plaintext)
    }

    private func kind(_ event: EventType, _ content: Content) throws(WeChatPayError) -> Notification.Resource {
        if event == .transactionSuccess {
            try agree(resource.originalType ?? "transaction" == "transaction" && !content.isRefund)
            // A combined order (合单) has its states in sub_orders.
            if content.isCombined { return .raw }
            guard let transaction = content.transaction else { throw disagreement }
            return .transaction(
                try transaction.mapError { WeChatPayError(.malformed, "the order: \(StrictJSON.explain($0))") }.get())
        }
        if event.isRefund {
            try agree(resource.originalType ?? "refund" == "refund" && content.isRefund && content.transaction == nil)
        }
        return .raw
    }

    private func agree(_ condition: Bool) throws(WeChatPayError) {
        guard condition else { throw disagreement }
    }

    private var disagreement: WeChatPayError {
        WeChatPayError(.malformed, "event_type \(eventType), original_type and the content disagree")
    }

    /// What a resource is, told by its members; read once, with the order that it may be.
    private struct Content: Decodable {
        let isRefund: Bool
        let isCombined: Bool
        /// Where it has a `trade_state`. One that cannot be read matters only to an event that is about an order.
        let transaction: Result<Transaction, any Error>?

        enum CodingKeys: String, CodingKey {
            case tradeState = "trade_state"
            case refundStatus = "refund_status"
            case combineOutTradeNo = "combine_out_trade_no"
            case subOrders = "sub_orders"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let isTransaction = container.contains(.tradeState)
            isRefund = container.contains(.refundStatus)
            isCombined = container.contains(.combineOutTradeNo) && container.contains(.subOrders) && !isTransaction
            transaction = isTransaction ? Result { try Transaction(from: decoder) } : nil
        }
    }
}
