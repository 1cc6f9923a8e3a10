import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("Coupons")
struct CouponTests {
    private let target = PaymentTarget.outTradeNo("ORDER0001", mchid: "1900000001")

    @Test("The best coupon that fits pays its part, and says so in the query and in the notification")
    func best() async throws {
        let caller = try makeSandbox()
        let sandbox = caller.sandbox
        try sandbox.addCoupon(openid: caller.openid, amount: 99, type: .cash, minimum: 101)
        try sandbox.addCoupon(openid: caller.openid, amount: 98, type: .cash, goodsTag: "TEA")
        try sandbox.addCoupon(openid: sandbox.users[1].openid, amount: 97, type: .cash)
        try sandbox.addCoupon(openid: caller.openid, amount: 10, type: .cash)
        let best = try sandbox.addCoupon(openid: caller.openid, amount: 30, type: .noCash, name: "开业券")
        try sandbox.addCoupon(openid: caller.openid, amount: 30, type: .cash)
        try await caller.prepay()
        #expect(try await caller.query().json["promotion_detail"] == nil)
        try await sandbox.pay(target, openid: caller.openid)
        let paid = try await caller.query().json
        #expect(paid["amount"]?["total"]?.int64 == 100)
        #expect(paid["amount"]?["payer_total"]?.int64 == 70)
        let details = try #require(paid["promotion_detail"]?.array)
        #expect(details.count == 1)
        #expect(details[0]["coupon_id"]?.string == best.couponID)
        #expect(details[0]["stock_id"]?.string == best.stockID)
        #expect(details[0]["name"]?.string == "开业券")
        #expect(details[0]["scope"]?.string == "GLOBAL")
        #expect(details[0]["type"]?.string == "NOCASH")
        #expect(details[0]["amount"]?.int64 == 30)
        #expect(details[0]["merchant_contribute"]?.int64 == 30)
        #expect(details[0]["other_contribute"]?.int64 == 0)
        let delivery = try #require(sandbox.deliveries().first)
        #expect(try caller.resource(of: delivery) == paid)
        let order = try #require(sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001"))
        #expect((order.payerTotal, order.settlementTotal) == (70, 70))
        #expect(sandbox.coupons(openid: caller.openid).filter { $0.usedFor != nil }.map(\.couponID) == [best.couponID])
        // The next one pays with what is left: the CASH coupon of 30, of which the merchant gets all.
        try await caller.prepay("ORDER0002", ["goods_tag": "COFFEE"])
        try await sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        let second = try #require(sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0002"))
        #expect((second.payerTotal, second.settlementTotal) == (70, 100))
        // With its tag the best of all fits.
        try await caller.prepay("ORDER0003", ["goods_tag": "TEA"])
        try await sandbox.pay(.outTradeNo("ORDER0003", mchid: "1900000001"), openid: caller.openid)
        #expect(sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0003")?.payerTotal == 2)
    }

    @Test("A coupon that covers everything leaves nothing to pay, and an empty wallet can pay that")
    func everything() async throws {
        let caller = try makeSandbox()
        try caller.sandbox.addUser(SandboxUser(openid: "oPoor", appid: caller.merchant.appid, balanceFen: 0))
        try caller.sandbox.addCoupon(openid: "oPoor", amount: 500, type: .cash)
        try await caller.prepay("ORDER0001", ["payer/openid": "oPoor"])
        #expect(try await caller.sandbox.pay(target, openid: "oPoor").tradeState == .success)
        let paid = try await caller.query().json
        #expect(paid["amount"]?["payer_total"]?.int64 == 0)
        #expect(paid["promotion_detail"]?.array?.first?["amount"]?.int64 == 100)
        // The rest of it is lost.
        try await caller.prepay("ORDER0002", ["payer/openid": "oPoor"])
        let second = try await caller.sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: "oPoor")
        #expect(second.reason == "余额不足")
        #expect(second.tradeState == .notPaid)
    }

    @Test("A payment that fails uses no coupon; a reversed one gives it back")
    func unused() async throws {
        let caller = try makeSandbox()
        let coupon = try caller.sandbox.addCoupon(openid: caller.openid, amount: 30, type: .noCash)
        try await caller.prepay("ORDER0001", ["amount/total": .integer(2_000_000)])
        #expect(try await caller.sandbox.pay(target, openid: caller.openid).reason == "余额不足")
        #expect(caller.sandbox.coupons() == [coupon])
        let charged = try await caller.codePay(caller.sandbox.authCode(openid: caller.openid), "ORDER0002")
        #expect(charged.json["amount"]?["payer_total"]?.int64 == 70)
        #expect(caller.sandbox.coupons().first?.usedFor == "1900000001/ORDER0002")
        try await caller.sandbox.advanceClock(by: 15)
        #expect(try await caller.reverse("ORDER0002").status == 200)
        #expect(caller.sandbox.coupons() == [coupon])
    }

    @Test("Users and coupons that cannot be are refused, and those that were added survive a start")
    func kept() async throws {
        let store = PersistenceTests.MemoryStore()
        let clock = ManualClock()
        let first = try makeSandbox(store: store, clock: clock)
        let user = SandboxUser(openid: "oNew", appid: "wx0000000000000001", balanceFen: 70)
        try first.sandbox.addUser(user)
        try first.sandbox.addCoupon(openid: "oNew", amount: 30, type: .cash)
        let taken: [(SandboxUser, SandboxError.Code)] = [
            (user, .invalidArgument), (SandboxUser(openid: "oOther", appid: "wx9"), .notFound),
            (SandboxUser(openid: "Other", appid: user.appid), .invalidArgument),
            (SandboxUser(openid: "o 1", appid: user.appid), .invalidArgument),
            (SandboxUser(openid: "oOther", appid: user.appid, balanceFen: -1), .invalidArgument),
        ]
        for (user, code) in taken {
            #expect(throws: SandboxError(code, "")) { try first.sandbox.addUser(user) }
        }
        for (openid, amount, minimum, code) in [
            ("oNobody", 1, 0, SandboxError.Code.notFound), ("oNew", 0, 0, .invalidArgument),
            ("oNew", 1_000_000_000_001, 0, .invalidArgument), ("oNew", 1, -1, .invalidArgument),
        ] as [(String, Int64, Int64, SandboxError.Code)] {
            #expect(throws: SandboxError(code, "")) {
                try first.sandbox.addCoupon(openid: openid, amount: amount, type: .cash, minimum: minimum)
            }
        }
        let second = try makeSandbox(store: store, clock: clock)
        #expect(second.sandbox.users.last == user)
        #expect(second.sandbox.coupons() == first.sandbox.coupons())
        try await second.prepay("ORDER0001", ["payer/openid": "oNew"])
        #expect(try await second.sandbox.pay(target, openid: "oNew").tradeState == .success)
        #expect(try second.sandbox.loginCode(appid: user.appid, openid: "oNew").isEmpty == false)
    }
}
