/// A refusal in API v2.
struct V2Fault: Error, Sendable, Equatable {
    enum Form: Sendable, Equatable {
        /// `return_code` FAIL: format, identity, signature. It carries no signature.
        case communication
        /// `result_code` FAIL: signed like every answer.
        case business
        /// HTTP 400 of the server before WeChat Pay: not XML.
        case noCertificate
        /// What `/pay/downloadbill` says: `return_code` FAIL with an `error_code`, never signed.
        case bill(number: String?)
    }

    let form: Form
    let code: String
    let message: String

    init(_ form: Form, _ code: String, _ message: String) {
        self.form = form
        self.code = code
        self.message = message
    }

    static func business(_ code: String, _ message: String) -> V2Fault { V2Fault(.business, code, message) }

    static func parameter(_ message: String) -> V2Fault { business("PARAM_ERROR", message) }

    static func communication(_ code: String, _ message: String) -> V2Fault { V2Fault(.communication, code, message) }

    static let requirePost = communication("REQUIRE_POST_METHOD", "请使用post方法")
    static let emptyBody = communication("POST_DATA_EMPTY", "post数据为空")
    static let notUTF8 = communication("NOT_UTF8", "编码格式错误")
    static let notXML = communication("XML_FORMAT_ERROR", "XML格式错误")
    static let lacksParameter = communication("LACK_PARAMS", "缺少参数")
    static let noSuchMerchant = communication("MCHID_NOT_EXIST", "MCHID不存在")
    static let noSuchApp = communication("APPID_NOT_EXIST", "APPID不存在")
    static let appOfAnother = communication("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
    static let noRelation = communication("NOAUTH", "受理关系不存在")
    static let signature = communication("SIGNERROR", "签名错误")
    static let noCertificate = V2Fault(.noCertificate, "NO_CERTIFICATE", "No required SSL certificate was sent")
    static let otherCertificate = communication("CERTIFICATE_MCHID_NOT_MATCH", "证书验证失败")

    /// What API v3 calls otherwise.
    private static let words: [String: (code: String, message: String?)] = [
        "ORDER_CLOSED": ("ORDERCLOSED", "订单已关闭"), "ORDER_REVERSED": ("ORDERREVERSED", "该订单已撤销"),
        "ORDERPAID": ("ORDERPAID", "商户订单已支付"), "ORDER_NOT_EXIST": ("ORDERNOTEXIST", "订单不存在"),
        "RESOURCE_NOT_EXISTS": ("ORDERNOTEXIST", nil), "NOT_ENOUGH": ("NOTENOUGH", nil), "NO_AUTH": ("NOAUTH", "商户无此接口权限"),
        "AUTH_CODE_EXPIRE": ("AUTHCODEEXPIRE", nil), "SYSTEM_ERROR": ("SYSTEMERROR", "系统错误"),
        "OUT_TRADE_NO_USED": ("OUT_TRADE_NO_USED", "商户订单号重复"), "USERPAYING": ("USERPAYING", "需要用户输入支付密码"),
        "BANK_ERROR": ("BANKERROR", nil), "RULE_LIMIT": ("RULELIMIT", nil), "NOT_SUPORT_CARD": ("NOTSUPORTCARD", nil),
    ]

    /// A refusal of the engine's, in the words of API v2.
    init(_ fault: Fault) {
        let known = Self.words[fault.code]
        self.init(.business, known?.code ?? fault.code, known?.message ?? fault.message)
    }
}

/// Says in API v2 what the engine refuses.
func v2<Value>(_ body: () throws(Fault) -> Value) throws(V2Fault) -> Value {
    do throws(Fault) { return try body() } catch { throw V2Fault(error) }
}
