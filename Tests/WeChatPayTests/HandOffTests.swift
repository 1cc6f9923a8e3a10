import Foundation
import Testing

@testable import WeChatPay

@Suite("Handing a payment to the front end")
struct HandOffTests {
    private func isSigned(_ signature: String, _ message: String) throws -> Bool {
        let bytes = try #require(Data(base64Encoded: signature))
        return Platform.merchant.publicKey.isValid(signature: Array(bytes), for: Array(message.utf8))
    }

    @Test("an app gets exactly seven fields, and its signature covers the bare prepay_id")
    func app() throws {
        let client = try testClient(neverCalled, clock: JumpingClock())
        let parameters = try client.transactions.appPaymentParameters(appid: "wx0000000000000001", prepayID: "wx26")
        let object = try #require(try jsonValue(StrictJSON.encode(parameters)) as? [String: String])
        #expect(
            Set(object.keys) == ["appId", "partnerId", "prepayId", "packageValue", "nonceStr", "timeStamp", "sign"])
        #expect(object["appId"] == "wx0000000000000001" && object["partnerId"] == "1900000001")
        #expect(object["prepayId"] == "wx26" && object["packageValue"] == "Sign=WXPay" && object["timeStamp"] == "1700000000")
        #expect(try isSigned(parameters.sign, "wx0000000000000001\n1700000000\n\(parameters.nonceStr)\nwx26\n"))
        #expect(try !isSigned(parameters.sign, "wx0000000000000001\n1700000000\n\(parameters.nonceStr)\nprepay_id=wx26\n"))
    }

    @Test("a service provider signs in the name of the sub-merchant's app where there is one")
    func partner() throws {
        let orders = try testClient(neverCalled, clock: JumpingClock()).partnerTransactions
        for (sub, expected) in [("wxsub" as String?, "wxsub"), (nil, "wxsp")] {
            let page = try orders.requestPaymentParameters(spAppid: "wxsp", subAppid: sub, prepayID: "wx26")
            #expect(try isSigned(page.paySign, "\(expected)\n1700000000\n\(page.nonceStr)\nprepay_id=wx26\n"))
            let app = try orders.appPaymentParameters(spAppid: "wxsp", subAppid: sub, prepayID: "wx26")
            #expect(app.appId == expected && app.partnerId == "1900000001")
            #expect(try isSigned(app.sign, "\(expected)\n1700000000\n\(app.nonceStr)\nwx26\n"))
        }
    }

    @Test("blank arguments, and such as would forge a line, are not signed")
    func blank() throws {
        let client = try testClient(neverCalled, clock: JumpingClock())
        for (appid, prepayID) in [("", "wx26"), ("a\n1", "wx26"), ("a", ""), ("a", "wx26\n")] {
            #expect(throws: WeChatPayError.invalidArgument) {
                try client.transactions.appPaymentParameters(appid: appid, prepayID: prepayID)
            }
            #expect(throws: WeChatPayError.invalidArgument) {
                try client.partnerTransactions.requestPaymentParameters(spAppid: appid, prepayID: prepayID)
            }
        }
    }

    @Test("the page to return to is appended percent-encoded to the h5_url")
    func redirect() throws {
        let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2016&package=1037687096"
        let response = H5PrepayResponse(h5URL: url)
        #expect(
            try response.url(returningTo: "https://www.wechatpay.com.cn/a?b=c&d=茶")
                == url + "&redirect_url=https%3A%2F%2Fwww.wechatpay.com.cn%2Fa%3Fb%3Dc%26d%3D%E8%8C%B6")
        #expect(try H5PrepayResponse(h5URL: "https://a/b").url(returningTo: "x") == "https://a/b?redirect_url=x")
        for page in ["", "https://a\n"] {
            #expect(throws: WeChatPayError.invalidArgument) { try response.url(returningTo: page) }
        }
    }
}
