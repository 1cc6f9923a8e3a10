import HTTPTypes
import Hummingbird
import NIOCore
import PaymentPrimitives

/// `GET /`: says what this is and where to go on.
enum LandingPage {
    static func response(_ request: Request, _ sandbox: Sandbox) -> Response {
        let wantsHTML = request.headers[.accept]?.contains("text/html") ?? false
        let text = wantsHTML ? Array(html(sandbox).utf8) : json(sandbox).serialised(.pretty) + [0x0A]
        return Response(
            status: .ok,
            headers: [
                .contentType: wantsHTML ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
                .contentSecurityPolicy: HTML.contentSecurityPolicy,
                .xContentTypeOptions: "nosniff",
            ], body: .init(byteBuffer: ByteBuffer(bytes: text)))
    }

    private static let endpoints = [
        "GET /v3/certificates", "POST /v3/pay/transactions/{jsapi,app,h5,native,codepay}",
        "GET /v3/pay/transactions/id/{transaction_id}?mchid=",
        "GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=",
        "POST /v3/pay/transactions/out-trade-no/{out_trade_no}/{close,reverse}",
        "POST /v3/pay/partner/transactions/{jsapi,app,h5,native,codepay}",
        "GET /v3/pay/partner/transactions/id/{transaction_id}?sp_mchid=&sub_mchid=",
        "GET /v3/pay/partner/transactions/out-trade-no/{out_trade_no}?sp_mchid=&sub_mchid=",
        "POST /v3/pay/partner/transactions/out-trade-no/{out_trade_no}/{close,reverse}",
        "POST /v3/refund/domestic/refunds", "GET /v3/refund/domestic/refunds/{out_refund_no}?sub_mchid=",
        "POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund",
        "GET /v3/bill/tradebill?bill_date=&bill_type=&tar_type=&sub_mchid=",
        "GET /v3/bill/fundflowbill?bill_date=&account_type=&tar_type=", "GET /v3/billdownload/file?token=",
        "POST /v3/merchant/media/{upload,video_upload}", "POST /v3/combine-transactions/{jsapi,app,h5,native}",
        "GET /v3/combine-transactions/out-trade-no/{combine_out_trade_no}",
        "POST /v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close",
        "GET /cgi-bin/mmpayweb-bin/checkmweb?prepay_id=&package=", "GET /sns/jscode2session",
    ]

    private static func json(_ sandbox: Sandbox) -> JSONValue {
        .record(
            ("name", "WeChat Pay sandbox"), ("about", "A WeChat Pay for development. No money moves here."),
            ("business_time", .time(sandbox.businessNow)),
            ("merchants", .array(sandbox.merchants.map { .string($0.mchid) })),
            ("wechat_pay", .array(endpoints.map(JSONValue.string))),
            ("control", .array(ControlAPI.calls.map(JSONValue.string))))
    }

    private static func html(_ sandbox: Sandbox) -> String {
        func list(_ items: [String]) -> String {
            "<ul>" + items.map { "<li><code>\(HTML.escaped($0))</code></li>" }.joined() + "</ul>"
        }
        let merchants = sandbox.merchants.map { "\($0.mchid) \($0.name) (\($0.role.rawValue), \($0.keyMode.rawValue))" }
        let title = "微信支付沙箱 · WeChat Pay sandbox"
        return HTML.page(
            title: title,
            """
            <h1>\(title)</h1>
            <p>本机上的微信支付，用于开发和测试，不涉及真实资金。 A WeChat Pay for development. No money moves here.</p>
            <p>业务时间 · Business time: \(HTML.escaped(sandbox.businessNow.rfc3339))</p>
            <h2>商户 · Merchants</h2>\(list(merchants))
            <h2>微信支付接口 · WeChat Pay</h2>\(list(endpoints))
            <h2>控制接口 · Control calls</h2>\(list(ControlAPI.calls))
            """)
    }
}
