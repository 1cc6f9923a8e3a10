/// The bodies of combined orders, field by field.
///
/// Follows 《合单下单》, 《合单查询订单》, 《合单关闭订单》.
enum CombineRules {
    static let outTradeNo = FieldRule.required(
        "combine_out_trade_no", "合单商户订单号", .text(2...32, charset: TransactionRules.orderNumber))

    static func prepay(_ method: PrepayMethod, _ role: SandboxMerchant.Role) -> [FieldRule] {
        let payer: [FieldRule] = [.required("openid", "用户标识", .text(1...128))]
        return [
            appid, .required("combine_mchid", "合单发起方商户号", .text(1...32)), outTradeNo,
            .required("notify_url", "通知地址", .text(1...255)),
            .required(
                "sub_orders", "子单信息", .objects(part, minimum: role == .partner ? 1 : 2, maximum: role == .partner ? 50 : 10)),
            method == .h5
                ? .required("scene_info", "场景信息", .object(scene + [TransactionRules.h5]))
                : .optional("scene_info", "场景信息", .object(scene)),
            method == .jsapi
                ? .required("combine_payer_info", "支付者", .object(payer))
                : .optional("combine_payer_info", "支付者", .object(payer)),
            .optional("time_start", "交易起始时间", .text(1...64)), .optional("time_expire", "交易结束时间", .text(1...64)),
            TransactionRules.limitPay,
        ]
    }

    static let close: [FieldRule] = [
        appid, .required("sub_orders", "子单信息", .objects(parties + [partNumber], maximum: 50)),
    ]

    private static let appid = FieldRule.required("combine_appid", "合单发起方的appid", .text(1...32))
    static let partNumber = FieldRule.required(
        "out_trade_no", "子单商户订单号", .text(2...32, charset: TransactionRules.orderNumber))

    private static let parties: [FieldRule] = [
        TransactionRules.mchid, .optional("sub_mchid", "子商户号", .text(1...32)),
        .optional("sub_appid", "子商户公众号ID", .text(1...32)),
    ]

    private static let part: [FieldRule] =
        parties + [
            partNumber, .required("attach", "附加数据", .text(1...128)),
            .required(
                "amount", "订单金额",
                .object([
                    .required("total_amount", "标价金额", .integer(minimum: 1, maximum: Ledger.greatestAmount)),
                    .required("currency", "标价币种", .text(1...16)),
                ])),
            .required("description", "商品描述", .text(1...127)), .optional("detail", "商品详情", .text(1...6000)),
            .optional("goods_tag", "订单优惠标记", .text(1...32)),
            .optional(
                "settle_info", "结算信息",
                .object([
                    .optional("profit_sharing", "是否指定分账", .boolean),
                    .optional("subsidy_amount", "补差金额", .integer(minimum: 0)),
                ])),
        ]

    private static let scene: [FieldRule] = [
        .required("payer_client_ip", "用户终端IP", .text(1...45)), .optional("device_id", "商户端设备号", .text(1...16)),
    ]
}
