/// Codes that use cases must tell apart, whatever a channel calls them.
package enum ChannelCode {
    /// The number is not known.
    package static let orderNotExist = "ORDER_NOT_EXIST"
    /// The order was paid.
    package static let orderPaid = "ORDERPAID"
    /// The order is closed.
    package static let orderClosed = "ORDER_CLOSED"
    /// The number was used before.
    package static let outTradeNoUsed = "OUT_TRADE_NO_USED"

    /// The account that a refund is to be paid from holds too little.
    package static let notEnough = "NOT_ENOUGH"
    /// There is no such refund; of a refund that is sent: there is no such paid order.
    package static let refundNotExist = "RESOURCE_NOT_EXISTS"
    /// Too many requests for one order.
    package static let frequencyLimited = "FREQUENCY_LIMITED"

    /// What WeChat says of a number that has an order which cannot be begun again.
    package static let numberIsTaken: Set = [orderPaid, orderClosed, outTradeNoUsed]
}
