import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// `/v1/payments`: payments for the merchant's own systems. A client reaches only the merchants in its list; whatever
/// else exists is not found.
struct PaymentController {
    let payments: PaymentService

    static let bodyLimit = 64 * 1024

    func addRoutes(to group: RouterGroup<ServerRequestContext>) {
        group.post("payments") { try await create($0, $1) }
        group.get("payments") { try await list($0, $1) }
        group.get("payments/:id") { _, context in try answer(try await find(context)) }
        group.get("payments/:id/timeline") { try await timeline($0, $1) }
        group.get("payments/:id/qr.svg") { _, context in try QRAnswer.svg(try code(try await find(context))) }
        group.get("payments/:id/qr.png") { _, context in try QRAnswer.png(try code(try await find(context))) }
        group.post("payments/:id/sync") { _, context in
            let payment = try await find(context)
            return try answer(try await payments.sync(merchant: payment.merchant, id: payment.id))
        }
        group.post("payments/:id/close") { _, context in
            let payment = try await find(context)
            return try answer(try await payments.close(merchant: payment.merchant, id: payment.id))
        }
        group.get("events") { try await events($0, $1) }
    }

    private func create(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let client = try Self.client(context)
        let bytes = try await request.bytes(upTo: Self.bodyLimit)
        let body: CreatePaymentBody = try StrictJSON.decode(from: bytes)
        guard client.scopes.contains(where: { $0.merchant == body.payment.merchant }) else {
            throw PaymentError(.notFound, "there is no merchant \"\(body.payment.merchant.prefix(40))\"", field: "merchant")
        }
        // That it is missing where it is needed is told with all else that is wrong.
        if let sub = body.payment.subMchid, !client.reaches(body.payment.merchant, subMchid: sub) {
            throw PaymentError(.notFound, "there is no sub-merchant \"\(sub.prefix(40))\"", field: "sub_mchid")
        }
        let idempotent = try IdempotentRequest(
            request, "POST /v1/payments", body: bytes, client: client, merchant: body.payment.merchant)
        return try await idempotent.answer(payments, context) {
            switch try await payments.create(body.payment, idempotency: idempotent.idempotency) {
            case .replay(let answer): .replay(answer)
            case .payment(let payment, let handOff):
                .made(try StrictJSON.encode(PaymentAnswer(payment: PaymentView(payment), client: handOff)))
            }
        }
    }

    private static let filters: Set = [
        "merchant", "sub_mchid", "out_trade_no", "transaction_id", "openid", "reference", "state", "created_from", "created_to",
        "cursor",
        "limit",
    ]

    private func list(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let client = try Self.client(context)
        let query = request.uri.queryParameters
        // A misspelt filter that is ignored would show payments that nobody asked for.
        if let unknown = query.first(where: { !Self.filters.contains(String($0.key)) })?.key.prefix(40) {
            throw PaymentError(
                .invalidRequest, "\(unknown) is not a filter; there are \(Self.filters.sorted().joined(separator: ", "))",
                field: String(unknown))
        }
        func text(_ name: Substring) -> String? { query[name].map(String.init) }
        var filter = PaymentFilter(client.scopes)
        if let merchant = text("merchant") { filter.scopes = client.scopes.filter { $0.merchant == merchant } }
        filter.outTradeNo = text("out_trade_no")
        filter.transactionID = text("transaction_id")
        filter.openID = text("openid")
        filter.reference = text("reference")
        filter.subMchid = text("sub_mchid")
        filter.before = text("cursor")
        if let state = text("state") {
            guard let known = PaymentState(rawValue: state) else {
                throw PaymentError(
                    .invalidRequest, "state is not one of \(PaymentState.allCases.map(\.rawValue).joined(separator: ", "))",
                    field: "state")
            }
            filter.state = known
        }
        filter.createdFrom = try Self.moment(text("created_from"), "created_from")
        filter.createdTo = try Self.moment(text("created_to"), "created_to")
        let limit = try Self.limit(text("limit"))
        filter.limit = limit + 1
        let found = try await payments.storage.payments(filter)
        let page = found.prefix(limit)
        return try JSONAnswer.value(
            PaymentPage(payments: page.map(PaymentView.init), cursor: found.count > limit ? page.last?.id : nil))
    }

    private func timeline(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let payment = try await find(context)
        let storage = payments.storage
        return try JSONAnswer.value(
            TimelineAnswer(
                payment: PaymentView(payment),
                events: try await storage.timeline(merchant: payment.merchant, paymentID: payment.id),
                refunds: try await storage.refundTimeline(merchant: payment.merchant, paymentID: payment.id),
                ledger: try await storage.ledger(merchant: payment.merchant, paymentID: payment.id)))
    }

    private func events(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let client = try Self.client(context)
        let query = request.uri.queryParameters
        let after = query["after"].map(String.init) ?? "0"
        guard let position = Int64(after), position >= 0 else {
            throw PaymentError(.invalidRequest, "after is not a position (a whole number)", field: "after")
        }
        let limit = try Self.limit(query["limit"].map(String.init))
        let events = try await payments.storage.events(client.scopes, after: position, limit: limit)
        return JSONAnswer.bytes(EventPage.bytes(events))
    }

    /// The payment of the path, if the client may see it.
    func find(_ context: ServerRequestContext) async throws -> Payment {
        let id = try context.parameters.require("id")
        for scope in try Self.client(context).scopes {
            if let payment = try await payments.storage.payment(merchant: scope.merchant, id: id),
                scope.covers(subMchid: payment.subMchid)
            {
                return payment
            }
        }
        throw PaymentError(.notFound, "there is no payment \"\(id.prefix(40))\"")
    }

    private func code(_ payment: Payment) throws -> String { try payment.codeToScan(at: payments.clock.now) }

    private func answer(_ payment: Payment) throws -> Response {
        try JSONAnswer.value(PaymentAnswer(payment: PaymentView(payment), client: nil))
    }

    static func client(_ context: ServerRequestContext) throws -> APIClient {
        guard let client = context.client else { throw PaymentError(.unauthorized, "a bearer key is required") }
        return client
    }

    static func limit(_ text: String?) throws -> Int {
        guard let text else { return 50 }
        guard let limit = Int(text), (1...200).contains(limit) else {
            throw PaymentError(.invalidRequest, "limit is not a whole number from 1 to 200", field: "limit")
        }
        return limit
    }

    private static func moment(_ text: String?, _ field: String) throws -> Timestamp? {
        guard let text else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw PaymentError(.invalidRequest, "\(field) is not an RFC 3339 time", field: field)
        }
        return moment
    }
}
