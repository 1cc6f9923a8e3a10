import HTTPTypes
import PaymentPrimitives

extension Engine {
    /// `GET` of an `h5_url`: shows the order, and how to pay it here.
    func h5Page(_ call: Call, at moment: Moment) -> Answer {
        guard call.method == .get || call.method == .head else { return Answer(.noSuchMethod) }
        let (id, package) = (call.query["prepay_id"] ?? "", call.query["package"] ?? "")
        guard let sheet = sheet(prepayID: id, package: package, at: moment) else {
            return page(404, "<p>支付链接无效。 There is no such payment link.</p>")
        }
        let isExpired = (sheet.expiresAt ?? moment.business) <= moment.business
        let link = "\(call.origin)/\(PayLink.h5Path.joined(separator: "/"))?prepay_id=\(id)&package=\(package)"
        let rows = sheet.orders.map { order in
            """
            <tr><td>\(HTML.escaped(payee(of: order)))</td><td>\(HTML.escaped(order.description))</td>\
            <td>¥\(yuan(order.total))</td><td><code>\(HTML.escaped(order.outTradeNo))</code></td>\
            <td>\(HTML.escaped(order.tradeStateDescription)) · \(HTML.escaped(order.tradeState.rawValue))</td></tr>
            """
        }
        let body = JSONValue.record(("h5_url", .string(link)), ("openid", "o…"), ("outcome", "success"))
        let hint: String
        if sheet.first.tradeState != .notPaid {
            hint = "<p>此订单已无需支付。 There is nothing left to pay.</p>"
        } else if isExpired {
            hint = "<p>支付链接已过期（5分钟），请返回商户重新下单。 This link has expired; it works for five minutes.</p>"
        } else {
            hint = """
                <p>这里是沙箱，不涉及真实资金。请用控制接口模拟用户付款：
                This is a sandbox, and no money moves. Pay as a user with the control call:</p>
                <pre>curl -H 'Content-Type: application/json' \(HTML.escaped(call.origin))/_sandbox/pay \\
                  -d '\(HTML.escaped(body.json))'</pre>
                """
        }
        return page(
            200,
            """
            <table><tr><th>商户 · Merchant</th><th>商品 · Goods</th><th>金额 · Amount</th><th>订单号 · Number</th>\
            <th>状态 · State</th></tr>
            \(rows.joined(separator: "\n"))
            </table>
            \(hint)
            """)
    }

    private func page(_ status: Int, _ body: String) -> Answer {
        let title = "微信支付沙箱收银台 · WeChat Pay sandbox cashier"
        let html = HTML.page(title: title, "<h1>\(title)</h1>\n\(body)")
        return Answer(status: status, body: Array(html.utf8), contentType: "text/html; charset=utf-8")
    }

    /// The name that a buyer sees.
    private func payee(of order: SandboxOrder) -> String {
        let merchant = platform.accounts[order.mchid]?.merchant
        return merchant?.subMerchants.first { $0.subMchid == order.subMchid }?.name ?? merchant?.name ?? order.mchid
    }

    private func yuan(_ fen: Int64) -> String { "\(fen / 100).\(padded(fen % 100, 2))" }
}
