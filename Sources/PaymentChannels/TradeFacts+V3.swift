import PaymentPrimitives
import Payments
import WeChatPay

extension TradeFacts {
    /// What API v3 attests about a direct merchant's order.
    init(_ transaction: Transaction) {
        self.init(transaction.trade, mchid: transaction.mchid)
        appid = transaction.appid
        openID = transaction.payer?.openid
    }

    /// What API v3 attests about a service provider's order.
    init(_ transaction: PartnerTransaction) {
        self.init(transaction.trade, mchid: transaction.spMchid)
        appid = transaction.spAppid
        subMchid = transaction.subMchid
        subAppid = transaction.subAppid
        // The payer within the app in which the order was placed: the sub-merchant's where it has one.
        openID = transaction.subAppid == nil ? transaction.payer?.spOpenID : transaction.payer?.subOpenID
    }

    init(_ trade: Trade, mchid: String) {
        self.init(state: TradeState(trade.tradeState.rawValue), mchid: mchid, outTradeNo: trade.outTradeNo)
        transactionID = trade.transactionID
        total = trade.amount?.total
        currency = trade.amount?.currency?.rawValue
        payerTotal = trade.amount?.payerTotal
        successTime = trade.successTime
        // 免充值 coupons are not settled to the merchant.
        merchantDiscount = trade.promotionDetail.filter { $0.type == "NOCASH" }.reduce(0) { $0 &+ ($1.amount ?? 0) }
    }

    /// What API v3 always says of a paid order, and what is never booked without.
    var missingForSuccess: String? {
        guard isPaid else { return nil }
        let prefix = subMchid == nil ? "" : "sp_"
        if appid == nil { return prefix + "appid" }
        if total == nil { return "amount.total" }
        if currency == nil { return "amount.currency" }
        return transactionID == nil ? "transaction_id" : nil
    }
}
