import PaymentPrimitives

/// Gives money back as a back office would: one payment wholly, one in three parts.
struct DemoRefunds: Sendable {
    let walk: DemoPurchases
    private var http: DemoHTTP { walk.http }

    init(walk: DemoPurchases) { self.walk = walk }

    /// - Returns: how many refunds there were, and their sum in fen.
    func run(
        whole: DemoPurchases.Bought?, parts: DemoPurchases.Bought?
    ) async throws -> (count: Int, total: Int64) {
        guard let whole, let parts else { throw CommandFailure("there is nothing to refund") }
        walk.console.say("\nRefunds", "\n退款")
        let steps = DemoSteps("refund", walk.console)
        _ = try await steps.run("whole", ("One payment, wholly", "全额退款")) {
            ((), try await refund(whole, nil, leaving: 0))
        }
        let part = parts.total / 3
        for (index, amount) in [part, part, parts.total - 2 * part].enumerated() {
            // WeChat wants a minute between two parts.
            if index > 0 { try await advance(seconds: 61) }
            _ = try await steps.run("part \(index + 1)", ("Part \(index + 1) of 3", "部分退款 \(index + 1)/3")) {
                ((), try await refund(parts, amount, leaving: index == 2 ? 0 : parts.total - part * Int64(index + 1)))
            }
        }
        return (4, whole.total + parts.total)
    }

    private func refund(_ payment: DemoPurchases.Bought, _ amount: Int64?, leaving rest: Int64) async throws -> String {
        var body: [String: any Sendable] = ["reason": "七天无理由退货"]
        if let amount { body["amount"] = ["refund": amount] }
        let created = try await http.post(
            walk.serverURL + "/v1/payments/\(payment.paymentID)/refunds", body, token: walk.key,
            idempotencyKey: SystemRandom().alphanumeric(24))
        let id = try created.at("refund").text("id")
        // The money arrives a few seconds later, and WeChat tells so.
        try await advance(seconds: 10)
        try await demoWait("refund \(id) has succeeded") {
            try await http.get(walk.serverURL + "/v1/refunds/\(id)", token: walk.key).at("refund").text("state") == "succeeded"
        }
        let timeline = try await http.get(walk.serverURL + "/v1/payments/\(payment.paymentID)/timeline", token: walk.key)
        let refundable = try timeline.at("payment", "amount").integer("refundable")
        try demoRequire(refundable == rest, "\(refundable) fen can still be refunded, expected \(rest)")
        let ledger = try timeline.list("ledger").map { try $0.integer("amount") }
        try demoRequire(ledger.reduce(0, +) == 0, "the ledger lines are \(ledger)")
        let refunded = try timeline.at("payment", "amount").integer("refunded")
        return
            "\(id) succeeded; \(Money(fen: refunded).yuan) / \(Money(fen: payment.total).yuan) \(walk.console.texts("yuan refunded", "元已退"))"
    }

    private func advance(seconds: Int) async throws {
        _ = try await http.post(walk.sandboxURL + "/_sandbox/clock/advance", ["seconds": seconds])
    }
}
