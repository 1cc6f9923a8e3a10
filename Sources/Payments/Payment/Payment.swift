import PaymentPrimitives

/// One attempt to be paid: one number at WeChat, one amount, one way of paying.
package struct Payment: Sendable, Equatable {
    /// The tenant, first part of every key.
    package let merchant: String
    /// `pay_` and 26 characters.
    package let id: String
    /// Counts the units of work that decided on this payment.
    package var version: Int64 = 0
    /// The API through which it was begun, so that a merchant may change while old payments live on.
    package let channel: ChannelKind
    package let method: PaymentMethod
    package let mchid: String
    package let appid: String
    /// The sub-merchant that is paid, where `mchid` is a service provider's.
    package let subMchid: String?
    /// The sub-merchant's own app; ``openID`` belongs to it when it is there, and to ``appid`` otherwise.
    package let subAppid: String?
    /// The merchant's number at WeChat.
    package let outTradeNo: String
    /// The channel's own number of the order, where it has one.
    package var channelOrderID: String?
    /// WeChat's number of the payment, once paid.
    package var transactionID: String?
    package let amount: Money
    /// What the payer paid in fen after coupons, once paid.
    package var payerTotal: Int64?
    package let description: String
    package let attach: String?
    /// The order in the merchant's own system; at most one open payment a reference.
    package let reference: String?
    /// The payer within `appid`, or within `subAppid` where there is one.
    package var openID: String?
    /// What else WeChat was told about the order. Kept, since a number that is sent again must be sent with the same.
    package let options: PaymentOptions
    /// Where WeChat was told to send the notification: part of what must not change when the number is sent again.
    package let notifyURL: String
    package var state: PaymentState = .created
    /// What WeChat gave us to be paid with; nil where nobody was given any.
    package var prepay: Prepay?
    /// When the payer's code was sent to be charged: written before it is sent, so that it is sent once. Nil for all
    /// other methods.
    package let chargedAt: Timestamp?
    /// Since when WeChat may be taking the charge back, on disk before it is told to; nil when it has refused.
    package var reversingAt: Timestamp?
    /// When WeChat said that it has taken the charge back.
    package var reversedAt: Timestamp?
    package let createdAt: Timestamp
    /// The last moment to pay; afterwards it is closed.
    package let expiresAt: Timestamp
    package var successTime: Timestamp?
    package var closedAt: Timestamp?
    /// WeChat's code when the state is `failed`.
    package var failureCode: String?
    /// When a job asks WeChat next; nil when there is nothing to ask.
    package var nextQueryAt: Timestamp?
    /// How often WeChat was asked by the job, for the rising intervals.
    package var queryCount: Int64 = 0
    /// When WeChat was asked last, for the limit of one query in two seconds.
    package var lastQueryAt: Timestamp?
    /// What has gone back of it, and what is promised.
    package var refunds = RefundTotals()

    package init(
        merchant: String, id: String, version: Int64 = 0, channel: ChannelKind, method: PaymentMethod, mchid: String,
        appid: String, subMchid: String? = nil, subAppid: String? = nil, outTradeNo: String, channelOrderID: String? = nil,
        transactionID: String? = nil, amount: Money, payerTotal: Int64? = nil, description: String, attach: String?,
        reference: String?, openID: String?, options: PaymentOptions = PaymentOptions(), notifyURL: String,
        state: PaymentState = .created, prepay: Prepay? = nil, chargedAt: Timestamp? = nil, reversingAt: Timestamp? = nil,
        reversedAt: Timestamp? = nil,
        createdAt: Timestamp, expiresAt: Timestamp, successTime: Timestamp? = nil, closedAt: Timestamp? = nil,
        failureCode: String? = nil, nextQueryAt: Timestamp? = nil, queryCount: Int64 = 0, lastQueryAt: Timestamp? = nil
    ) {
        self.merchant = merchant
        self.id = id
        self.version = version
        self.channel = channel
        self.method = method
        self.mchid = mchid
        self.appid = appid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.outTradeNo = outTradeNo
        self.channelOrderID = channelOrderID
        self.transactionID = transactionID
        self.amount = amount
        self.payerTotal = payerTotal
        self.description = description
        self.attach = attach
        self.reference = reference
        self.openID = openID
        self.options = options
        self.notifyURL = notifyURL
        self.state = state
        self.prepay = prepay
        self.chargedAt = chargedAt
        self.reversingAt = reversingAt
        self.reversedAt = reversedAt
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.successTime = successTime
        self.closedAt = closedAt
        self.failureCode = failureCode
        self.nextQueryAt = nextQueryAt
        self.queryCount = queryCount
        self.lastQueryAt = lastQueryAt
    }

    /// What identifies the order at its channel.
    package var channelReference: ChannelReference {
        ChannelReference(
            outTradeNo: outTradeNo, channelOrderID: channelOrderID, appid: appid, subMchid: subMchid, subAppid: subAppid,
            isCharge: method == .codePay)
    }
}

/// The API through which a payment runs.
package enum ChannelKind: String, Sendable, CaseIterable {
    /// API v3, JSON.
    case v3
    /// API v2, XML.
    case v2
}

/// What identifies an order at a channel.
package struct ChannelReference: Sendable, Equatable {
    package let outTradeNo: String
    package let channelOrderID: String?
    /// The order's app; nil where somebody only hints at a number.
    package let appid: String?
    /// The sub-merchant, where the merchant is a service provider.
    package let subMchid: String?
    package let subAppid: String?
    /// Whether a payer's code was charged: such an order is asked for where it was charged, never at a backup that may lag
    /// behind, since the answer decides whether money is taken back.
    package let isCharge: Bool

    package init(
        outTradeNo: String, channelOrderID: String? = nil, appid: String? = nil, subMchid: String? = nil,
        subAppid: String? = nil, isCharge: Bool = false
    ) {
        self.outTradeNo = outTradeNo
        self.channelOrderID = channelOrderID
        self.appid = appid
        self.subMchid = subMchid
        self.subAppid = subAppid
        self.isCharge = isCharge
    }
}
