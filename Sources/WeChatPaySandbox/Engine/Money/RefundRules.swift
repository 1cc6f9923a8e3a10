/// The bodies of refunds, field by field. Follows 《申请退款》 and 《发起异常退款》.
enum RefundRules {
    static let outRefundNo = FieldRule.required("out_refund_no", "商户退款单号", .text(1...64, charset: refundNumber))
    static let refundID = FieldRule.required("refund_id", "微信支付退款单号", TransactionRules.transactionID.kind)
    static let subMchid = FieldRule.optional("sub_mchid", "特约商户号", TransactionRules.mchid.kind)

    static let refund: [FieldRule] = [
        subMchid,
        .optional("transaction_id", "微信支付订单号", TransactionRules.transactionID.kind),
        // The number of a combined order's part may be shorter than another's.
        .optional("out_trade_no", "商户订单号", CombineRules.partNumber.kind),
        outRefundNo,
        .optional("reason", "退款原因", .text(1...80)),
        .optional("notify_url", "退款结果回调url", .text(1...256)),
        .optional("funds_account", "退款资金来源", .text(1...32)),
        .required(
            "amount", "金额信息",
            .object([
                .required("refund", "退款金额", .integer(minimum: 1)),
                .required("total", "原订单金额", .integer(minimum: 1)),
                .required("currency", "退款币种", .text(1...16)),
                .optional(
                    "from", "退款出资账户及金额",
                    .objects(
                        [
                            .required("account", "出资账户类型", .text(1...32)),
                            .required("amount", "出资金额", .integer(minimum: 1)),
                        ], maximum: 10)),
            ])),
        .optional(
            "goods_detail", "退款商品",
            .objects(
                [
                    .required("merchant_goods_id", "商户侧商品编码", .text(1...32)),
                    .optional("wechatpay_goods_id", "微信支付商品编码", .text(1...32)),
                    .optional("goods_name", "商品名称", .text(1...256)),
                    .required("unit_price", "商品单价", .integer(minimum: 0)),
                    .required("refund_amount", "商品退款金额", .integer(minimum: 0)),
                    .required("refund_quantity", "商品退货数量", .integer(minimum: 1)),
                ], maximum: 6000)),
    ]

    static let abnormal: [FieldRule] = [
        subMchid,
        outRefundNo,
        .required("type", "异常退款处理方式", .text(1...32)),
        .optional("bank_type", "开户银行", .text(1...16)),
        .optional("bank_account", "收款银行卡号", .text(1...1024)),
        .optional("real_name", "收款用户姓名", .text(1...1024)),
    ]

    private static let refundNumber = FieldRule.Charset(pattern: "^[0-9a-zA-Z_\\-|*@]+$") {
        TransactionRules.orderNumber.contains($0) || $0 == UInt8(ascii: "@")
    }
}
