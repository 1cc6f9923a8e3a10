/// A notification whose signature was verified and whose resource was opened (《支付结果通知》, 《退款结果通知》).
///
/// Its description and its mirror leave the content out.
public struct Notification: Sendable, CustomStringConvertible, CustomReflectable {
    /// The id of the notification; a repeated one has the same or another.
    public let id: String
    /// When it was made.
    public let createTime: Timestamp?
    /// What it is about.
    public let eventType: EventType
    /// `encrypt-resource`.
    public let resourceType: String
    /// A few words in Chinese.
    public let summary: String
    /// What the resource was before encryption: `transaction`, `refund`, …
    public let originalType: String?
    /// The content, where its kind is known.
    public let resource: Resource
    /// The decrypted bytes: JSON that has passed the strict scanner.
    public let plaintext: [UInt8]

    /// The content of a notification.
    public enum Resource: Hashable, Sendable {
        /// An order that was paid.
        case transaction(Transaction)
        /// A sub-merchant's order that was paid, told to its service provider.
        case partnerTransaction(PartnerTransaction)
        /// A combined order (合单) that was paid.
        case combineTransaction(CombineTransaction)
        /// A refund that has ended, well or not: see ``RefundNotification/status``.
        case refund(RefundNotification)
        /// Another content; see ``Notification/plaintext``.
        case raw
    }

    public var description: String { "Notification(id: \(id), eventType: \(eventType))" }
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "eventType": eventType.rawValue]) }
}
