import Payments
import WeChatPay

extension ClientHandOff {
    /// The argument of `wx.requestPayment`; with the app id for the official account's bridge, which wants it too.
    init(_ parameters: RequestPaymentParameters, appid: String?) {
        var fields = [
            "timeStamp": parameters.timeStamp, "nonceStr": parameters.nonceStr, "package": parameters.package,
            "signType": parameters.signType, "paySign": parameters.paySign,
        ]
        fields["appId"] = appid
        self.init(type: "request_payment", fields: fields)
    }

    /// What an app hands to WeChat's OpenSDK.
    init(_ parameters: AppPaymentParameters) {
        self.init(
            type: "app",
            fields: [
                "appId": parameters.appId, "partnerId": parameters.partnerId, "prepayId": parameters.prepayId,
                "packageValue": parameters.packageValue, "nonceStr": parameters.nonceStr, "timeStamp": parameters.timeStamp,
                "sign": parameters.sign,
            ])
    }
}
