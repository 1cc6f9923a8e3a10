import PaymentPrimitives
import Testing

@testable import Payments

/// What a client may ask for is checked before anything is written or sent.
@Suite struct NewPaymentTests {
    static let now = Timestamp(seconds: 1_700_000_000)
    static let merchant = MerchantContext(
        id: "shop", mchid: "1900000001", appids: ["wx1"], newPayments: .v3, channels: [:], notifyURLs: [:],
        orderTTL: .seconds(1800))

    static func request(_ change: (inout NewPayment) -> Void = { _ in }) -> NewPayment {
        var request = NewPayment(
            merchant: "shop", appid: "wx1", method: .miniProgram, amount: Money(fen: 1), description: "苹果")
        request.openID = "o1"
        change(&request)
        return request
    }

    @Test("A complete request passes, at the edges of every length")
    func accepted() throws {
        try Self.request().validate(for: Self.merchant, now: Self.now)
        try Self.request {
            $0.description = String(repeating: "汉", count: 42)
            $0.attach = String(repeating: "a", count: 128)
            $0.outTradeNo = "a_-|*1"
            $0.expiresAt = Self.now.advanced(by: .seconds(60))
        }.validate(for: Self.merchant, now: Self.now)
        try Self.request { $0.outTradeNo = String(repeating: "Z", count: 32) }.validate(for: Self.merchant, now: Self.now)
    }

    static let provider = MerchantContext(
        id: "provider", mchid: "1900000009", appids: ["wx1"],
        subMerchants: [SubMerchant(mchid: "1900000011", appid: "wxsub"), SubMerchant(mchid: "1900000012")],
        newPayments: .v3, channels: [:], notifyURLs: [:], orderTTL: .seconds(1800))

    /// A request for a method, with all that it needs.
    static func request(by method: PaymentMethod, _ change: (inout NewPayment) -> Void = { _ in }) -> NewPayment {
        request { request in
            request.method = method
            if method != .miniProgram, method != .jsapi { request.openID = nil }
            if method == .h5 {
                request.options.scene = PaymentOptions.Scene()
                request.options.scene?.payerClientIP = "192.0.2.7"
            }
            if method == .codePay {
                request.authCode = Secret("130000000000000001")
                request.options.scene = PaymentOptions.Scene()
                request.options.scene?.storeInfo = PaymentOptions.Store(id: "A1")
            }
            change(&request)
        }
    }

    @Test("Each method passes with what it needs", arguments: PaymentMethod.allCases)
    func methods(_ method: PaymentMethod) throws {
        try Self.request(by: method).validate(for: Self.merchant, now: Self.now)
        try Self.request(by: method) { $0.subMchid = "1900000011" }.validate(for: Self.provider, now: Self.now)
        try Self.request(by: method) {
            $0.subMchid = "1900000011"
            $0.subAppid = "wxsub"
        }.validate(for: Self.provider, now: Self.now)
    }

    typealias Change = @Sendable (inout NewPayment) -> Void

    static let wrongByMethod: [(PaymentMethod, String, Change)] = [
        (.native, "openid", { $0.openID = "o1" }), (.h5, "openid", { $0.openID = "o1" }),
        (.app, "openid", { $0.openID = "o1" }), (.codePay, "openid", { $0.openID = "o1" }),
        (.jsapi, "openid", { $0.openID = nil }),
        (.native, "auth_code", { $0.authCode = Secret("130000000000000001") }),
        (.codePay, "auth_code", { $0.authCode = nil }),
        (.codePay, "auth_code", { $0.authCode = Secret("13000000000000000") }),
        (.codePay, "auth_code", { $0.authCode = Secret("1300000000000000001") }),
        (.codePay, "auth_code", { $0.authCode = Secret("160000000000000001") }),
        (.codePay, "auth_code", { $0.authCode = Secret("090000000000000001") }),
        (.codePay, "auth_code", { $0.authCode = Secret("13000000000000000x") }),
        (.codePay, "scene.store_info", { $0.options.scene?.storeInfo = nil }),
        (.codePay, "scene.payer_client_ip", { $0.options.scene?.payerClientIP = "192.0.2.7" }),
        (.codePay, "wechat.limit_pay", { $0.options.limitPay = ["no_credit"] }),
        (.codePay, "expires_at", { $0.expiresAt = now.advanced(by: .seconds(14)) }),
        (.codePay, "expires_at", { $0.expiresAt = now.advanced(by: .seconds(601)) }),
        (.h5, "scene.payer_client_ip", { $0.options.scene = nil }),
        (.h5, "scene.payer_client_ip", { $0.options.scene?.payerClientIP = String(repeating: "1", count: 46) }),
        (.h5, "scene.h5_info.type", { $0.options.scene?.h5Info = .init(type: "Symbian") }),
        (.h5, "scene.h5_info.app_name", { $0.options.scene?.h5Info = .init(type: "Wap", appName: "") }),
        (.native, "scene.h5_info", { $0.options = scene(h5: true) }),
        (.native, "scene.device_ip", { $0.options = scene(deviceIP: "192.0.2.7") }),
        (.native, "scene.payer_client_ip", { $0.options = scene(ip: nil, store: "A1") }),
        (.native, "scene.store_info.id", { $0.options = scene(store: "") }),
        (.native, "wechat.goods_tag", { $0.options.goodsTag = String(repeating: "g", count: 33) }),
        (.native, "wechat.limit_pay", { $0.options.limitPay = [] }),
        (.native, "wechat.limit_pay[1]", { $0.options.limitPay = ["no_credit", ""] }),
        (.native, "sub_mchid", { $0.subMchid = "1900000011" }), (.native, "sub_appid", { $0.subAppid = "wxsub" }),
    ]

    private static func scene(
        ip: String? = "192.0.2.7", store: String? = nil, deviceIP: String? = nil, h5: Bool = false
    ) -> PaymentOptions {
        var options = PaymentOptions()
        var scene = PaymentOptions.Scene()
        scene.payerClientIP = ip
        scene.deviceIP = deviceIP
        scene.storeInfo = store.map { PaymentOptions.Store(id: $0) }
        if h5 { scene.h5Info = .init(type: "Wap") }
        options.scene = scene
        return options
    }

    @Test("What does not go with a method is refused by its name", arguments: wrongByMethod.indices)
    func refusedByMethod(_ row: Int) {
        let (method, field, change) = Self.wrongByMethod[row]
        let error = #expect(throws: PaymentError.self) {
            try Self.request(by: method, change).validate(for: Self.merchant, now: Self.now)
        }
        #expect(error?.field == field, "\(method.rawValue): \(error?.message ?? "")")
    }

    static let wrongForProvider: [(String, Change)] = [
        ("sub_mchid", { _ in }), ("sub_mchid", { $0.subMchid = "1900000099" }),
        (
            "sub_appid",
            {
                $0.subMchid = "1900000011"
                $0.subAppid = "wx1"
            }
        ),
        (
            "sub_appid",
            {
                $0.subMchid = "1900000012"
                $0.subAppid = "wxsub"
            }
        ),
    ]

    @Test("A service provider's payment names one of its sub-merchants, and that one's app", arguments: wrongForProvider.indices)
    func refusedForProvider(_ row: Int) {
        let (field, change) = Self.wrongForProvider[row]
        let error = #expect(throws: PaymentError.self) {
            try Self.request(change).validate(for: Self.provider, now: Self.now)
        }
        #expect(error?.field == field)
    }

    @Test("Options come back from JSON as they were, and one that is not known is refused with its path")
    func options() throws {
        let json = """
            {"detail":{"cost_price":100,"goods_detail":[{"goods_name":"茶","merchant_goods_id":"t1","quantity":2,\
            "unit_price":50}],"invoice_id":"i1"},"goods_tag":"WXG","limit_pay":["no_credit"],"scene":{"device_id":"d1",\
            "h5_info":{"app_name":"茶","app_url":"https://tea.example.com","type":"Wap"},"payer_client_ip":"192.0.2.7",\
            "store_info":{"address":"a","area_code":"440305","id":"s1","name":"n"}},"settle_info":{"profit_sharing":true},\
            "support_fapiao":true}
            """
        let options: PaymentOptions = try StrictJSON.decode(from: Array(json.utf8))
        let again: PaymentOptions = try StrictJSON.decode(from: StrictJSON.encode(options))
        #expect(again == options)
        #expect(options.detail?.goodsDetail?.first?.unitPrice == 50)
        #expect(options.scene?.h5Info?.appURL == "https://tea.example.com")
        for (text, path) in [
            (#"{"scene":{"store_info":{"id":"a","nam":"b"}}}"#, "scene.store_info.nam"),
            (
                #"{"detail":{"goods_detail":[{"merchant_goods_id":"a","quantity":1,"unit_price":1,"x":1}]}}"#,
                "detail.goods_detail[0].x"
            ),
            (#"{"limit_pays":[]}"#, "limit_pays"), (#"{"settle_info":{"profit":true}}"#, "settle_info.profit"),
        ] {
            let error = #expect(throws: PaymentError.self) {
                let _: PaymentOptions = try StrictJSON.decode(from: Array(text.utf8))
            }
            #expect(error?.field == path)
        }
    }

    static let wrong: [(String, Change)] = [
        ("appid", { $0.appid = "wx2" }), ("amount.total", { $0.amount = Money(fen: 0) }),
        ("amount.total", { $0.amount = Money(fen: -5) }),
        ("amount.total", { $0.amount = Money(fen: .max) }),
        ("amount.currency", { $0.amount = Money(fen: 1, currency: Currency(rawValue: "USD")) }),
        ("description", { $0.description = "" }), ("description", { $0.description = String(repeating: "汉", count: 43) }),
        ("description", { $0.description = "apple 🍎" }), ("description", { $0.description = "a\nb" }),
        ("attach", { $0.attach = String(repeating: "a", count: 129) }), ("out_trade_no", { $0.outTradeNo = "12345" }),
        ("out_trade_no", { $0.outTradeNo = String(repeating: "1", count: 33) }),
        ("out_trade_no", { $0.outTradeNo = "order 1" }), ("out_trade_no", { $0.outTradeNo = "订单123456" }),
        ("reference", { $0.reference = "" }), ("openid", { $0.openID = nil }), ("openid", { $0.openID = "" }),
        ("expires_at", { $0.expiresAt = Self.now.advanced(by: .seconds(59)) }),
        ("expires_at", { $0.expiresAt = Self.now.advanced(by: .seconds(91 * 86_400)) }),
    ]

    @Test("A wrong field is refused by its name", arguments: wrong.indices)
    func refused(_ row: Int) {
        let (field, change) = Self.wrong[row]
        let error = #expect(throws: PaymentError.self) {
            try Self.request(change).validate(for: Self.merchant, now: Self.now)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
    }
}
