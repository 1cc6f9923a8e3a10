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

    /// What WeChat says of a number that has an order which cannot be begun again.
    package static let numberIsTaken: Set = [orderPaid, orderClosed, outTradeNoUsed]
}
