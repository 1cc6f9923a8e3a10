import HTTPTypes
import PaymentPrimitives
import Synchronization
import WeChatPay

/// WeChat's side of API v2, as far as the server needs it to have payments: orders are placed, nobody has paid them, and
/// there are no refunds. Whatever is not signed well is refused.
final class V2WeChat: Transport {
    /// The merchant's key.
    static let key = "v2_key_0123456789_abcdefghijklmn"

    typealias Spoil = @Sendable (ForgedXML, ForgedXML.Kind) -> String

    let mchid: String
    let type: ForgedXML.Kind
    private let elsewhere: any Transport
    private let spoil = Mutex<Spoil?>(nil)
    private let orders = Mutex<[ForgedXML]>([])

    init(mchid: String, type: ForgedXML.Kind, elsewhere: any Transport) {
        self.mchid = mchid
        self.type = type
        self.elsewhere = elsewhere
    }

    /// Writes the answers from now on, in place of signing them.
    func answer(_ spoil: Spoil?) { self.spoil.withLock { $0 = spoil } }

    /// The orders that were placed, as they came.
    var placed: [ForgedXML] { orders.withLock { $0 } }

    func send(_ request: TransportRequest, deadline: Duration) async throws -> TransportResponse {
        guard let path = request.head.path, path.hasPrefix("/pay/") else {
            return try await elsewhere.send(request, deadline: deadline)
        }
        let asked = ForgedXML(reading: String(decoding: request.body, as: UTF8.self))
        let answer = answer(path, asked)
        let text = spoil.withLock { $0 }.map { $0(answer, type) } ?? answer.signed(type)
        return TransportResponse(
            head: .init(status: .ok, headerFields: [.contentType: "text/plain"]), body: ResponseBody(Array(text.utf8)))
    }

    private func answer(_ path: String, _ asked: ForgedXML) -> ForgedXML {
        guard asked["mch_id"] == mchid, asked["sign"] == asked.sign(type) else {
            return ForgedXML([("return_code", "FAIL"), ("return_msg", "签名错误")])
        }
        let number = asked["out_trade_no"] ?? ""
        let frame = [
            ("return_code", "SUCCESS"), ("return_msg", "OK"), ("appid", asked["appid"] ?? ""), ("mch_id", mchid),
            ("nonce_str", SystemRandom().alphanumeric(32)),
        ]
        switch path {
        case "/pay/unifiedorder":
            orders.withLock { $0.append(asked) }
            return ForgedXML(
                frame + [
                    ("result_code", "SUCCESS"), ("trade_type", asked["trade_type"] ?? ""), ("prepay_id", "wx2026\(number)"),
                    ("code_url", asked["trade_type"] == "NATIVE" ? "weixin://wxpay/bizpayurl?pr=\(number)" : ""),
                    (
                        "mweb_url",
                        asked["trade_type"] == "MWEB" ? "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?p=\(number)" : ""
                    ),
                ])
        case "/pay/orderquery":
            return ForgedXML(
                frame + [("result_code", "SUCCESS"), ("trade_state", "NOTPAY"), ("out_trade_no", number), ("device_info", "")])
        case "/pay/refundquery":
            return ForgedXML(
                frame + [("result_code", "FAIL"), ("err_code", "REFUNDNOTEXIST"), ("err_code_des", "订单号错误")])
        default:
            return ForgedXML(frame + [("result_code", "FAIL"), ("err_code", "SYSTEMERROR"), ("err_code_des", "not played")])
        }
    }
}

extension RunningSystem {
    /// Sends XML to the server as WeChat would.
    func notifyV2(_ body: some Sequence<UInt8>, path: String = "v2", to merchant: String = "demo") async throws -> WebAnswer {
        try await web.send(
            "POST", "/notify/\(path)/\(merchant)", headers: [("Content-Type", "text/xml")], body: Array(body))
    }
}
