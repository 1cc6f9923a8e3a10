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
        let shape = try decodeStrictly(Shape.self, plaintext, "the resource").get()
        let event = EventType(rawValue: eventType)
        return Notification(
            id: id, createTime: createTime.flatMap { Timestamp(rfc3339: $0) }, eventType: event,
            resourceType: resourceType ?? "", summary: summary ?? "", originalType: resource.originalType,
            resource: try content(event, shape, plaintext), plaintext: plaintext)
    }

    private func content(
        _ event: EventType, _ shape: Shape, _ plaintext: [UInt8]
    ) throws(WeChatPayError) -> Notification.Resource {
        if event == .transactionSuccess {
            try agree(resource.originalType ?? "transaction" == "transaction" && !shape.isRefund)
            // A combined order (合单) has its states in sub_orders.
            if shape.isCombined { return .raw }
            try agree(shape.isTransaction)
            return .transaction(try Transaction(json: plaintext))
        }
        if event.isRefund {
            try agree(resource.originalType ?? "refund" == "refund" && shape.isRefund && !shape.isTransaction)
        }
        return .raw
    }

    private func agree(_ condition: Bool) throws(WeChatPayError) {
        guard condition else {
            throw WeChatPayError(.malformed, "event_type \(eventType), original_type and the content disagree")
        }
    }

    /// Which members a resource has: they tell its kind.
    private struct Shape: Decodable {
        let isTransaction: Bool
        let isRefund: Bool
        let isCombined: Bool

        enum CodingKeys: String, CodingKey {
            case tradeState = "trade_state"
            case refundStatus = "refund_status"
            case combineOutTradeNo = "combine_out_trade_no"
            case subOrders = "sub_orders"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            isTransaction = container.contains(.tradeState)
            isRefund = container.contains(.refundStatus)
            isCombined = container.contains(.combineOutTradeNo) && container.contains(.subOrders) && !isTransaction
        }
    }
}
