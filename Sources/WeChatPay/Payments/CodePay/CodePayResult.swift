/// How a ``CodePayFlow`` ended.
public enum CodePayResult<Order: Hashable & Sendable>: Hashable, Sendable {
    /// The payer has paid.
    case paid(Order)
    /// Not paid, and never will be: WeChat's error code, or the trade state `PAYERROR` or `CLOSED`.
    case failed(WeChatErrorCode)
    /// Taken back: closed, or the money given back.
    case reversed
}
