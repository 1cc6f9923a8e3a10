/// The bodies and parameters of payments, field by field, for merchants and for service providers.
///
/// Follows 《JSAPI下单》, 《APP下单》, 《H5下单》, 《Native下单》, 《付款码支付》, 《查询订单》, 《关闭订单》, 《撤销订单》.
enum TransactionRules {
    static let orderNumber = FieldRule.Charset(pattern: "^[0-9a-zA-Z_\\-|*]+$") {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: "*")
    }

    private static let digits = FieldRule.Charset(pattern: "^[0-9]+$") { (0x30...0x39).contains($0) }

    static let outTradeNo = FieldRule.required("out_trade_no", "商户订单号", .text(6...32, charset: orderNumber))
    static let transactionID = FieldRule.required("transaction_id", "微信支付订单号", .text(1...32, charset: digits))
    static let mchid = FieldRule.required("mchid", "商户号", .text(1...32, charset: digits))
    private static let spMchid = FieldRule.required("sp_mchid", "服务商商户号", .text(1...32, charset: digits))
    private static let subMchid = FieldRule.required("sub_mchid", "子商户号", .text(1...32, charset: digits))
    private static let appid = FieldRule.required("appid", "公众号ID", .text(1...32))
    private static let spAppid = FieldRule.required("sp_appid", "服务商公众号ID", .text(1...32))
    private static let subAppid = FieldRule.optional("sub_appid", "子商户公众号ID", .text(1...32))

    /// The merchants of a query or of a close.
    static func merchants(_ scope: Scope) -> [FieldRule] { scope == .direct ? [mchid] : [spMchid, subMchid] }

    static func prepay(_ method: PrepayMethod, _ scope: Scope) -> [FieldRule] {
        parties(scope) + common + [timeExpire, notifyURL, limitPay, fapiao, .optional("detail", "优惠功能", .object(detail))]
            + (method == .jsapi ? [payer(scope)] : [])
            + [
                method == .h5
                    ? .required("scene_info", "场景信息", .object(scene + [h5])) : .optional("scene_info", "场景信息", .object(scene))
            ]
    }

    static func codePay(_ scope: Scope) -> [FieldRule] {
        parties(scope) + common + [
            fapiao, .optional("detail", "优惠功能", .object(codePayDetail)),
            .required("payer", "支付者", .object([.required("auth_code", "付款码", .text(1...32))])),
            .required(
                "scene_info", "场景信息",
                .object([
                    .optional("device_id", "商户端设备号", .text(1...32)), .optional("device_ip", "商户端设备IP", .text(1...45)),
                    .required(
                        "store_info", "商户门店信息",
                        .object([.optional("id", "门店编号", .text(1...32)), .optional("out_id", "商户侧门店编号", .text(1...256))])),
                ])),
        ]
    }

    static func reverse(_ scope: Scope) -> [FieldRule] {
        scope == .direct ? [appid, mchid] : [.optional("sp_appid", "服务商公众号ID", .text(1...32)), spMchid, subAppid, subMchid]
    }

    private static func parties(_ scope: Scope) -> [FieldRule] {
        scope == .direct ? [appid, mchid] : [spAppid, spMchid, subAppid, subMchid]
    }

    private static func payer(_ scope: Scope) -> FieldRule {
        let openids: [FieldRule] =
            scope == .direct
            ? [.required("openid", "用户标识", .text(1...128))]
            : [
                .optional("sp_openid", "用户服务标识", .text(1...128)), .optional("sub_openid", "用户子标识", .text(1...128)),
            ]
        return .required("payer", "支付者", .object(openids + [.optional("identity", "实名信息", .object(identity))]))
    }

    private static let timeExpire = FieldRule.optional("time_expire", "交易结束时间", .text(1...64))
    private static let notifyURL = FieldRule.required("notify_url", "通知地址", .text(1...255))
    static let limitPay = FieldRule.optional(
        "limit_pay", "指定支付方式", .words(["no_balance", "no_credit", "no_debit", "balance_only"]))
    private static let fapiao = FieldRule.optional("support_fapiao", "电子发票入口开放标识", .boolean)

    private static let common: [FieldRule] = [
        .required("description", "商品描述", .text(1...127)),
        outTradeNo,
        .optional("attach", "附加数据", .text(1...128)),
        .optional("goods_tag", "订单优惠标记", .text(1...32)),
        .required(
            "amount", "订单金额",
            .object([
                .required("total", "总金额", .integer(minimum: 1, maximum: Ledger.greatestAmount)),
                .optional("currency", "货币类型", .text(1...16)),
            ])),
        .optional("settle_info", "结算信息", .object([.optional("profit_sharing", "是否指定分账", .boolean)])),
    ]

    /// Real-name payment; number and name are encrypted.
    private static let identity: [FieldRule] = [
        .required("type", "证件类型", .text(1...32)),
        .optional("number", "证件号", .text(1...1024)),
        .optional("name", "姓名", .text(1...1024)),
    ]

    private static let detail = goods(wechatNumber: "wechatpay_goods_id")
    /// A payment code's detail calls WeChat's own number of the goods differently.
    private static let codePayDetail = goods(wechatNumber: "wxpay_goods_id")

    private static func goods(wechatNumber: String) -> [FieldRule] {
        [
            .optional("cost_price", "订单原价", .integer(minimum: 0)),
            .optional("invoice_id", "商品小票ID", .text(1...32)),
            .optional(
                "goods_detail", "单品列表",
                .objects(
                    [
                        .required("merchant_goods_id", "商户侧商品编码", .text(1...32)),
                        .optional(wechatNumber, "微信支付商品编码", .text(1...32)),
                        .optional("goods_name", "商品名称", .text(1...256)),
                        .required("quantity", "商品数量", .integer(minimum: 1)),
                        .required("unit_price", "商品单价", .integer(minimum: 0)),
                    ], maximum: 6000)),
        ]
    }

    /// The page that an H5 payment comes from.
    static let h5 = FieldRule.required(
        "h5_info", "H5场景信息",
        .object([
            .required("type", "场景类型", .text(1...32)), .optional("app_name", "应用名称", .text(1...64)),
            .optional("app_url", "网站URL", .text(1...128)), .optional("bundle_id", "iOS平台BundleID", .text(1...128)),
            .optional("package_name", "Android平台PackageName", .text(1...128)),
        ]))

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
