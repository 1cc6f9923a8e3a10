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
            try agree(resource.originalType ?? "transaction" == "transaction")
            switch content {
            case .transaction(let order): return .transaction(try read(order))
            case .partnerTransaction(let order): return .partnerTransaction(try read(order))
            case .combineTransaction(let order): return .combineTransaction(try read(order))
            case .refund, .mixed, .other: throw disagreement
            }
        }
        guard event.isRefund else { return .raw }
        try agree(resource.originalType ?? "refund" == "refund")
        guard case .refund(let result) = content else { throw disagreement }
        // A new event about refunds stays raw; the known ones say how it ended twice.
        guard let status = event.refundStatus else { return .raw }
        let refund = try read(result)
        try agree(refund.status == status)
        return .refund(refund)
    }

    private func read<Value>(_ content: Result<Value, any Error>) throws(WeChatPayError) -> Value {
        try content.mapError { WeChatPayError(.malformed, "the resource: \(StrictJSON.explain($0))") }.get()
    }

    private func agree(_ condition: Bool) throws(WeChatPayError) {
        guard condition else { throw disagreement }
    }

    private var disagreement: WeChatPayError {
        WeChatPayError(.malformed, "event_type \(eventType), original_type and the content disagree")
    }

    /// What a resource is, told by its members. One that cannot be read matters only to an event that is about it.
    private enum Content: Decodable {
        case transaction(Result<Transaction, any Error>)
        case partnerTransaction(Result<PartnerTransaction, any Error>)
        /// Its states are in `sub_orders`.
        case combineTransaction(Result<CombineTransaction, any Error>)
        case refund(Result<RefundNotification, any Error>)
        /// Several of them at once.
        case mixed
        case other

        enum CodingKeys: String, CodingKey {
            case tradeState = "trade_state"
            case spMchid = "sp_mchid"
            case refundStatus = "refund_status"
            case combineOutTradeNo = "combine_out_trade_no"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let marks: [CodingKeys] = [.tradeState, .refundStatus, .combineOutTradeNo]
            let found = marks.filter(container.contains)
            switch (found.first, found.count) {
            case (.refundStatus, 1): self = .refund(Result { try RefundNotification(from: decoder) })
            case (.combineOutTradeNo, 1): self = .combineTransaction(Result { try CombineTransaction(from: decoder) })
            case (.tradeState, 1) where container.contains(.spMchid):
                self = .partnerTransaction(Result { try PartnerTransaction(from: decoder) })
            case (.tradeState, 1): self = .transaction(Result { try Transaction(from: decoder) })
            case (nil, _): self = .other
            default: self = .mixed
            }
        }
    }
}
