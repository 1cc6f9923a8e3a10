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
    /// The payer within `appid`.
    package var openID: String?
    /// Where WeChat was told to send the notification: part of what must not change when the number is sent again.
    package let notifyURL: String
    package var state: PaymentState = .created
    /// WeChat's `prepay_id`, and since when we have it (it lives for two hours).
    package var prepayID: String?
    package var prepaidAt: Timestamp?
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
        appid: String, outTradeNo: String, channelOrderID: String? = nil, transactionID: String? = nil, amount: Money,
        payerTotal: Int64? = nil, description: String, attach: String?, reference: String?, openID: String?, notifyURL: String,
        state: PaymentState = .created, prepayID: String? = nil, prepaidAt: Timestamp? = nil, createdAt: Timestamp,
        expiresAt: Timestamp, successTime: Timestamp? = nil, closedAt: Timestamp? = nil, failureCode: String? = nil,
        nextQueryAt: Timestamp? = nil, queryCount: Int64 = 0, lastQueryAt: Timestamp? = nil
    ) {
        self.merchant = merchant
        self.id = id
        self.version = version
        self.channel = channel
        self.method = method
        self.mchid = mchid
        self.appid = appid
        self.outTradeNo = outTradeNo
        self.channelOrderID = channelOrderID
        self.transactionID = transactionID
        self.amount = amount
        self.payerTotal = payerTotal
        self.description = description
        self.attach = attach
        self.reference = reference
        self.openID = openID
        self.notifyURL = notifyURL
        self.state = state
        self.prepayID = prepayID
        self.prepaidAt = prepaidAt
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
        ChannelReference(outTradeNo: outTradeNo, channelOrderID: channelOrderID)
    }
}

/// The API through which a payment runs.
package enum ChannelKind: String, Sendable, CaseIterable {
    case v3
}

/// How the payer pays.
package enum PaymentMethod: String, Sendable, CaseIterable {
    /// 小程序支付.
    case miniProgram = "mini_program"
    /// JSAPI in the official account's pages: the same order, handed to another client API.
    case jsapi

    /// Whether the payer needs a prepay_id to pay. Where not, the order itself takes the money.
    var needsPrepay: Bool {
        switch self {
        case .miniProgram, .jsapi: true
        }
    }
}

/// What identifies an order at a channel.
package struct ChannelReference: Sendable, Equatable {
    package let outTradeNo: String
    package let channelOrderID: String?

    package init(outTradeNo: String, channelOrderID: String? = nil) {
        self.outTradeNo = outTradeNo
        self.channelOrderID = channelOrderID
    }
}
