/// The bodies and parameters of direct payments, field by field.
///
/// Follows 《JSAPI下单》, 《查询订单》, 《关闭订单》.
enum TransactionRules {
    static let orderNumber = FieldRule.Charset(pattern: "^[0-9a-zA-Z_\\-|*]+$") {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: "*")
    }

    private static let digits = FieldRule.Charset(pattern: "^[0-9]+$") { (0x30...0x39).contains($0) }

    static let outTradeNo = FieldRule.required("out_trade_no", "商户订单号", .text(6...32, charset: orderNumber))
    static let transactionID = FieldRule.required("transaction_id", "微信支付订单号", .text(1...32, charset: digits))
    static let mchid = FieldRule.required("mchid", "商户号", .text(1...32, charset: digits))

    static let close: [FieldRule] = [mchid]

    static let jsapi: [FieldRule] =
        common + [
            .required(
                "payer", "支付者",
                .object([.required("openid", "用户标识", .text(1...128)), .optional("identity", "实名信息", .object(identity))]))
        ]

    private static let common: [FieldRule] = [
        .required("appid", "公众号ID", .text(1...32)),
        mchid,
        .required("description", "商品描述", .text(1...127)),
        outTradeNo,
        .optional("time_expire", "交易结束时间", .text(1...64)),
        .optional("attach", "附加数据", .text(1...128)),
        .required("notify_url", "通知地址", .text(1...255)),
        .optional("goods_tag", "订单优惠标记", .text(1...32)),
        .optional("limit_pay", "指定支付方式", .words(["no_balance", "no_credit", "no_debit", "balance_only"])),
        .optional("support_fapiao", "电子发票入口开放标识", .boolean),
        .required(
            "amount", "订单金额",
            .object([
                .required("total", "总金额", .integer(minimum: 1)),
                .optional("currency", "货币类型", .text(1...16)),
            ])),
        .optional("detail", "优惠功能", .object(detail)),
        .optional("scene_info", "场景信息", .object(scene)),
        .optional("settle_info", "结算信息", .object([.optional("profit_sharing", "是否指定分账", .boolean)])),
    ]

    /// Real-name payment; number and name are encrypted.
    private static let identity: [FieldRule] = [
        .required("type", "证件类型", .text(1...32)),
        .optional("number", "证件号", .text(1...1024)),
        .optional("name", "姓名", .text(1...1024)),
    ]

    private static let detail: [FieldRule] = [
        .optional("cost_price", "订单原价", .integer(minimum: 0)),
        .optional("invoice_id", "商品小票ID", .text(1...32)),
        .optional(
            "goods_detail", "单品列表",
            .objects(
                [
                    .required("merchant_goods_id", "商户侧商品编码", .text(1...32)),
                    .optional("wechatpay_goods_id", "微信支付商品编码", .text(1...32)),
                    .optional("goods_name", "商品名称", .text(1...256)),
                    .required("quantity", "商品数量", .integer(minimum: 1)),
                    .required("unit_price", "商品单价", .integer(minimum: 0)),
                ], maximum: 6000)),
    ]

    private static let scene: [FieldRule] = [
        .required("payer_client_ip", "用户终端IP", .text(1...45)),
        .optional("device_id", "商户端设备号", .text(1...32)),
        .optional(
            "store_info", "商户门店信息",
            .object([
                .required("id", "门店编号", .text(1...32)),
                .optional("name", "门店名称", .text(1...256)),
                .optional("area_code", "地区编码", .text(1...32)),
                .optional("address", "详细地址", .text(1...512)),
            ])),
    ]
}
