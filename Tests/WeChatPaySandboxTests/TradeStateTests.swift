import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

/// Every state of an order against everything that can happen to it: what is not in the table changes nothing.
///
/// Follows the states in 《查询订单》.
@Suite("The states of an order")
struct TradeStateTests {
    enum Event: String, CaseIterable {
        case placeAgain, query, close, reverse, pay, payAndKill, cancel, wrongPassword, insufficient
        case confirm, confirmCancel, confirmWrong, confirmInsufficient, fiveMinutes, sevenDays
    }

    /// How an order is brought into a state.
    struct Start: Sendable, CustomTestStringConvertible {
        let method: String
        let state: String
        var testDescription: String { "\(method) \(state)" }
    }

    static let starts: [Start] =
        ["jsapi", "app", "h5", "native"].flatMap { method in
            ["NOTPAY", "SUCCESS", "CLOSED", "REFUND"].map { Start(method: method, state: $0) }
        }
        + ["USERPAYING", "SUCCESS", "PAYERROR", "REVOKED", "CLOSED", "REFUND"].map { Start(method: "codepay", state: $0) }

    /// All changes that are allowed.
    static func expected(_ start: Start, _ event: Event) -> String {
        switch (start.state, event) {
        case ("NOTPAY", .pay), ("NOTPAY", .payAndKill): "SUCCESS"
        case ("NOTPAY", .close), ("NOTPAY", .sevenDays): "CLOSED"
        case ("USERPAYING", .confirm): "SUCCESS"
        case ("USERPAYING", .confirmCancel), ("USERPAYING", .confirmWrong), ("USERPAYING", .confirmInsufficient): "PAYERROR"
        case ("USERPAYING", .fiveMinutes): "PAYERROR"
        case ("USERPAYING", .sevenDays), ("PAYERROR", .sevenDays): "CLOSED"
        case ("USERPAYING", .reverse), ("PAYERROR", .reverse): "REVOKED"
        case ("SUCCESS", .reverse) where start.method == "codepay": "REVOKED"
        default: start.state
        }
    }

    @Test("Nothing happens that WeChat does not document", arguments: starts, Event.allCases)
    func table(_ start: Start, _ event: Event) async throws {
        let caller = try makeSandbox()
        let place = try await bring(caller, to: start)
        #expect(try await caller.query().json["trade_state"]?.string == start.state)
        let before = caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")
        let balance = try wallet(caller)
        try await happen(event, caller, place)
        let after = try #require(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001"))
        let expected = Self.expected(start, event)
        #expect(after.tradeState.rawValue == expected)
        #expect(try await caller.query().json["trade_state"]?.string == expected)
        if expected == start.state {
            // The paper around it too: no number, no time, no money.
            #expect(after.transactionID == before?.transactionID)
            #expect(after.paidAt == before?.paidAt && after.closedAt == before?.closedAt)
            #expect(try wallet(caller) == balance)
        }
        if before?.transactionID != nil { #expect(after.transactionID == before?.transactionID) }
    }

    private func wallet(_ caller: Caller) throws -> Int64 {
        let openid = caller.openid
        return try caller.sandbox.update { engine, _ in try engine.walletBalance(of: #require(engine.user(openid))) }
    }

    /// Places an order and brings it into its state; returns how to place it again.
    private func bring(_ caller: Caller, to start: Start) async throws -> @Sendable () async throws -> Void {
        let target = PaymentTarget.outTradeNo("ORDER0001", mchid: "1900000001")
        let sandbox = caller.sandbox
        let place: @Sendable () async throws -> Void
        if let method = PrepayMethod(rawValue: start.method) {
            place = { try await caller.prepay(method) }
            try await place()
            if ["SUCCESS", "REFUND"].contains(start.state) { try await sandbox.pay(target, openid: caller.openid) }
            if start.state == "CLOSED" { _ = try await caller.close() }
        } else {
            let asks = ["USERPAYING", "PAYERROR", "CLOSED"].contains(start.state)
            let code = try sandbox.authCode(openid: caller.openid, needsPassword: asks)
            place = { _ = try await caller.codePay(code) }
            try await place()
            if ["PAYERROR", "CLOSED"].contains(start.state) {
                try sandbox.confirmCode(outTradeNo: "ORDER0001", mchid: "1900000001", outcome: .cancel)
            }
            if start.state == "REVOKED" { _ = try await caller.reverse() }
            if start.state == "CLOSED" { try await sandbox.advanceClock(by: 7 * 86_400) }
        }
        if start.state == "REFUND" {
            try sandbox.update { engine, _ in
                engine.state.orders["1900000001/ORDER0001"]?.tradeState = .init(rawValue: "REFUND")
            }
        }
        return place
    }

    private func happen(_ event: Event, _ caller: Caller, _ place: @Sendable () async throws -> Void) async throws {
        let target = PaymentTarget.outTradeNo("ORDER0001", mchid: "1900000001")
        func pay(_ outcome: PayOutcome) async {
            _ = try? await caller.sandbox.pay(target, openid: caller.openid, outcome: outcome)
        }
        func confirm(_ outcome: PayOutcome) {
            _ = try? caller.sandbox.confirmCode(outTradeNo: "ORDER0001", mchid: "1900000001", outcome: outcome)
        }
        switch event {
        case .placeAgain: try await place()
        case .query: _ = try await caller.query()
        case .close: _ = try await caller.close()
        case .reverse: _ = try await caller.reverse()
        case .pay: await pay(.success)
        case .payAndKill: await pay(.successThenKillApp)
        case .cancel: await pay(.cancel)
        case .wrongPassword: await pay(.wrongPassword)
        case .insufficient: await pay(.insufficient)
        case .confirm: confirm(.success)
        case .confirmCancel: confirm(.cancel)
        case .confirmWrong: confirm(.wrongPassword)
        case .confirmInsufficient: confirm(.insufficient)
        case .fiveMinutes: try await caller.sandbox.advanceClock(by: 300)
        case .sevenDays: try await caller.sandbox.advanceClock(by: 7 * 86_400)
        }
    }
}
