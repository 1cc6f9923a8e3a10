import PaymentPrimitives

/// The port through which payments reach WeChat, spoken by an adaptor for each API.
///
/// No method throws: a channel knows, was refused, or does not know; and what is not known is never taken for a failure.
package protocol PaymentChannel: Sendable {
    var kind: ChannelKind { get }
    /// The ways of paying that it can begin.
    var capabilities: Set<PaymentMethod> { get }

    /// Places the order. Safe to repeat with the same payment.
    func begin(_ payment: Payment) async -> Outcome<BegunOrder>
    /// Charges the code that the payer shows. Sent once, through one host: sent twice it could charge twice.
    func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge>
    /// Takes a charge back: an unpaid order is closed, a paid one is given back. Safe to repeat; `refused` with
    /// ``ChannelCode/orderNotExist`` when the channel does not know the number.
    func reverse(_ reference: ChannelReference) async -> Outcome<Void>
    /// What the front end hands to WeChat, signed now.
    func handOff(_ payment: Payment) -> Outcome<ClientHandOff>
    /// Asks for the order; `refused` with ``ChannelCode/orderNotExist`` when the channel does not know the number.
    func query(_ reference: ChannelReference) async -> Outcome<TradeFacts>
    /// Closes an order that waits for its payer; `refused` with ``ChannelCode/orderPaid`` when it was paid before.
    func close(_ reference: ChannelReference) async -> Outcome<Void>
    /// Gives money of a paid payment back. Safe to repeat with the same refund; `refused` with ``ChannelCode/notEnough``
    /// when the account holds too little.
    func refund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts>
    /// Asks for a refund; `refused` with ``ChannelCode/refundNotExist`` when the channel does not know the number.
    func queryRefund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts>
    /// Verifies and opens a notification.
    func receive(_ raw: RawNotification) async -> Received
    /// The channel's own bytes for an answer to a notification.
    func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer
    /// Fetches new keys if it is time to; returns why that failed.
    func refreshKeys() async -> String?
    /// Why the channel cannot work at the moment, for readiness; nil when it can.
    func readiness() async -> String?
}

/// What came of asking a channel.
package enum Outcome<Value: Sendable>: Sendable {
    /// The channel said so, verifiably.
    case known(Value)
    /// The channel said no, verifiably. `final`: the same request will never succeed.
    case refused(code: String, message: String, final: Bool)
    /// No answer, or none that can be trusted. The request may have taken effect.
    case unknown(String)
}

/// What the front end hands to WeChat: a kind and its fields.
package struct ClientHandOff: Sendable, Equatable {
    /// `request_payment` for `wx.requestPayment` and `getBrandWCPayRequest`, `app` for the OpenSDK, `code_url`, `h5_url`.
    package let type: String
    package let fields: [String: String]

    package init(type: String, fields: [String: String]) {
        self.type = type
        self.fields = fields
    }
}

/// A notification as it came in, byte for byte.
package struct RawNotification: Sendable {
    /// Header fields in the order of their arrival, repeated ones repeated.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(headers: [(name: String, value: String)], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }
}

/// What a channel made of a notification.
package enum Received: Sendable {
    /// Verified facts.
    case observed([TradeFacts])
    /// Verified facts about a refund.
    case observedRefund(RefundFacts)
    /// Somebody says that there is news of this order; nobody has signed it.
    case hint(ChannelReference)
    /// Somebody says that there is news of a refund; nobody has signed it.
    case refundHint(outTradeNo: String, outRefundNo: String)
    /// A verified event that is not about a payment: its id, its type, and its opened content.
    case event(id: String, type: String, content: [UInt8])
    /// Not verified or not readable: why, in words without secrets.
    case rejected(String)
    /// It could not be verified now, but perhaps later (no key yet).
    case undecided(String)
}

/// What to tell whoever sent a notification.
package enum NotificationVerdict: Sendable, Equatable {
    /// It is on disk.
    case accepted
    /// It was not believed.
    case rejected(String)
    /// It was believed or could not be judged, and could not be booked: send it again.
    case tryAgain(String)
}

/// The bytes that answer a notification.
package struct ChannelAnswer: Sendable, Equatable {
    package let status: Int
    package let contentType: String?
    package let body: [UInt8]

    package init(status: Int, contentType: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
