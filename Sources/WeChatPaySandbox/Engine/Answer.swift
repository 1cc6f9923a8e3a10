/// What WeChat answers, before it is signed.
struct Answer: Sendable {
    var status: Int
    var body: [UInt8] = []
    var contentType = "application/json; charset=utf-8"
    /// WeChat's own error number, behind the dash of `Request-ID`; 0 is ok.
    var number = 0
    /// Whether WeChat signs it: all but the bills that are downloaded.
    var isSigned = true
    /// WeChat's code of a failure.
    var code: String?

    static func ok(_ value: JSONValue) -> Answer { Answer(status: 200, body: value.serialised()) }

    static let noContent = Answer(status: 204)

    init(status: Int, body: [UInt8] = [], contentType: String = "application/json; charset=utf-8") {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    init(_ fault: Fault) {
        status = fault.status
        // The order of the names is the live one.
        body =
            JSONValue.record(("code", .string(fault.code)), ("detail", fault.detail), ("message", .string(fault.message)))
            .serialised()
        number = fault.number
        code = fault.code
    }
}

/// A refusal of WeChat's: status, code, message, and for some the detail.
struct Fault: Error, Sendable, Equatable {
    let status: Int
    let code: String
    let message: String
    var detail: JSONValue?
    /// The internal number behind the dash of `Request-ID`.
    let number: Int

    init(_ status: Int, _ code: String, _ message: String, number: Int, detail: JSONValue? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.number = number
        self.detail = detail
    }

    /// A parameter that breaks a rule.
    static func parameter(
        _ message: String, field: String? = nil, value: JSONValue? = nil, issue: String? = nil, location: String = "body",
        number: Int = 268_435_461
    ) -> Fault {
        Fault(
            400, "PARAM_ERROR", message, number: number,
            detail: field.map { field in
                .record(("field", .string(field)), ("issue", .text(issue)), ("location", .string(location)), ("value", value))
            })
    }

    static func invalidRequest(_ message: String, number: Int) -> Fault {
        Fault(400, "INVALID_REQUEST", message, number: number)
    }

    static func signature(_ message: String, detail: JSONValue? = nil) -> Fault {
        Fault(401, "SIGN_ERROR", message, number: 268_443_699, detail: detail)
    }

    static let orderNotExist = Fault(404, "ORDER_NOT_EXIST", "订单不存在", number: 268_512_771)
    static let noAuthority = Fault(403, "NO_AUTH", "商户无权限", number: 268_447_843)
    static let repeatedNumber = Fault(400, "INVALID_REQUEST", "201 商户订单号重复", number: 268_498_690)
    static let reentryDiffers = Fault(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", number: 268_498_688)
    static let systemError = Fault(500, "SYSTEM_ERROR", "系统繁忙，请稍后重试", number: 268_435_457)
    static let noSuchPath = Fault(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在，请检查请求的URL", number: 268_435_462)
    static let noSuchMethod = Fault(405, "INVALID_REQUEST", "请求的资源不支持此HTTP方法", number: 268_435_463)
}
