import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPaySandbox

/// A person with the mini-program open.
struct Buyer: Sendable {
    let system: RunningSystem
    let openid: String
    let token: String

    /// Logs in as one of the sandbox's users.
    init(_ system: RunningSystem, user: Int = 0) async throws {
        self.system = system
        openid = system.sandbox.users[user].openid
        let code = try system.sandbox.loginCode(appid: system.merchant.appid, openid: openid)
        let answer = try await system.web.post("/shop/login", #"{"code":"\#(code)"}"#)
        token = try #require(answer.string("token"), "\(answer.status) \(answer.text)")
    }

    static let twoApples = #"{"items":[{"sku":"apple","quantity":2}],"method":"mini_program"}"#

    func order(_ body: String = twoApples) async throws -> WebAnswer {
        try await system.web.post("/shop/orders", body, token: token)
    }

    /// An order that waits for its money.
    func openOrder() async throws -> ShopOrder {
        let answer = try await order()
        try #require(answer.status == 201, "\(answer.text)")
        return ShopOrder(
            id: try #require(answer.string("order.id")), outTradeNo: try #require(answer.string("order.out_trade_no")),
            prepayID: String(try #require(answer.string("client.package")).dropFirst("prepay_id=".count)))
    }

    /// Pays at the phone.
    func pay(_ order: ShopOrder, outcome: PayOutcome = .success) async throws {
        let report = try await system.sandbox.pay(.prepayID(order.prepayID), openid: openid, outcome: outcome)
        try #require(report.tradeState == .success, "\(report)")
    }

    func call(_ order: String, _ what: String, _ body: String = "") async throws -> WebAnswer {
        try await system.web.post("/shop/orders/\(order)/\(what)", body, token: token)
    }

    func state(_ order: ShopOrder) async throws -> String {
        try await system.web.get("/shop/orders/\(order.id)", token: token).string("order.state") ?? "none"
    }

    /// Waits until the order is fulfilled, then looks at all that is on disk.
    func expectFulfilledOnce(
        _ order: ShopOrder, transitions: [String] = ["created", "pending", "paid"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("order \(order.id) is fulfilled", sourceLocation: sourceLocation) {
            try await state(order) == "fulfilled"
        }
        let booked = try await system.rows.booked(outTradeNo: order.outTradeNo)
        #expect(booked.state == "paid", sourceLocation: sourceLocation)
        #expect(booked.transitions == transitions, sourceLocation: sourceLocation)
        #expect(booked.ledger == [2560, -2560], sourceLocation: sourceLocation)
        #expect(booked.outbox.count { $0 == "payment.paid" } == 1, sourceLocation: sourceLocation)
        #expect(booked.fulfilments == 1, sourceLocation: sourceLocation)
        let known = system.sandbox.order(mchid: system.merchant.mchid, outTradeNo: order.outTradeNo)
        let here = try await system.rows.texts(
            "SELECT transaction_id FROM payments WHERE out_trade_no = $1", .text(order.outTradeNo))
        #expect(known?.tradeState != .success || here == [known?.transactionID ?? ""], sourceLocation: sourceLocation)
    }
}

/// An order that a test made.
struct ShopOrder: Sendable {
    let id: String
    let outTradeNo: String
    let prepayID: String
}
