import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// `/v1/refunds` and a payment's refunds, for the merchant's own systems. A client reaches what it may see of them.
struct RefundController {
    let refunds: RefundService
    private var storage: any PaymentStorage { refunds.storage }

    func addRoutes(to group: RouterGroup<ServerRequestContext>) {
        group.post("payments/:id/refunds") { try await create($0, $1) }
        group.get("refunds") { try await list($0, $1) }
        group.get("refunds/:id") { _, context in try JSONAnswer.value(RefundAnswer(try await find(context))) }
        group.post("refunds/:id/sync") { _, context in
            let refund = try await find(context).refund
            return try JSONAnswer.value(
                RefundAnswer(try await refunds.sync(merchant: refund.merchant, id: refund.id)))
        }
    }

    private func create(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let payment = try await PaymentController(payments: refunds.payments).find(context)
        let bytes = try await request.bytes(upTo: PaymentController.bodyLimit)
        let body: CreateRefundBody = try StrictJSON.decode(from: bytes.isEmpty ? Array("{}".utf8) : bytes)
        let idempotent = try IdempotentRequest(
            request, "POST /v1/payments/\(payment.id)/refunds", body: bytes, client: PaymentController.client(context),
            merchant: payment.merchant)
        var refund = NewRefund(merchant: payment.merchant, paymentID: payment.id)
        refund.amount = body.amount
        refund.reason = body.reason
        refund.outRefundNo = body.outRefundNo
        refund.fundsAccount = body.fundsAccount
        let wanted = refund
        return try await idempotent.answer(refunds.payments, context) {
            switch try await refunds.create(wanted, idempotency: idempotent.idempotency) {
            case .replay(let answer): .replay(answer)
            case .refund(let standing): .made(try StrictJSON.encode(RefundAnswer(standing)))
            }
        }
    }

    private static let filters: Set = ["merchant", "payment_id", "out_refund_no", "state", "cursor", "limit"]

    private func list(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let client = try PaymentController.client(context)
        let query = request.uri.queryParameters
        if let unknown = query.first(where: { !Self.filters.contains(String($0.key)) })?.key.prefix(40) {
            throw PaymentError(
                .invalidRequest, "\(unknown) is not a filter; there are \(Self.filters.sorted().joined(separator: ", "))",
                field: String(unknown))
        }
        func text(_ name: Substring) -> String? { query[name].map(String.init) }
        var filter = RefundFilter(client.scopes)
        if let merchant = text("merchant") { filter.scopes = client.scopes.filter { $0.merchant == merchant } }
        filter.paymentID = text("payment_id")
        filter.outRefundNo = text("out_refund_no")
        filter.before = text("cursor")
        if let state = text("state") {
            guard let known = RefundState(rawValue: state) else {
                throw PaymentError(
                    .invalidRequest, "state is not one of \(RefundState.allCases.map(\.rawValue).joined(separator: ", "))",
                    field: "state")
            }
            filter.state = known
        }
        let limit = try PaymentController.limit(text("limit"))
        filter.limit = limit + 1
        let found = try await storage.refunds(filter)
        let page = found.prefix(limit)
        return try JSONAnswer.value(
            RefundPage(refunds: page.map(RefundView.init), cursor: found.count > limit ? page.last?.id : nil))
    }

    /// The refund of the path, if the client may see it.
    private func find(_ context: ServerRequestContext) async throws -> RefundService.Standing {
        let id = try context.parameters.require("id")
        for scope in try PaymentController.client(context).scopes {
            guard let refund = try await storage.refund(merchant: scope.merchant, id: id),
                scope.covers(subMchid: refund.subMchid)
            else { continue }
            return try await refunds.standing(merchant: scope.merchant, id: id)
        }
        throw PaymentError(.notFound, "there is no refund \"\(id.prefix(40))\"")
    }
}

/// `{refund, payment}`: a refund, and what it leaves of its payment.
struct RefundAnswer: Encodable {
    let refund: RefundView
    let payment: PaymentView

    init(_ standing: RefundService.Standing) {
        refund = RefundView(standing.refund)
        payment = PaymentView(standing.payment)
    }
}

/// A page of refunds, newest first.
struct RefundPage: Encodable {
    let refunds: [RefundView]
    /// For the next page; null on the last one.
    let cursor: String?

    enum CodingKeys: String, CodingKey {
        case refunds, cursor
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(refunds, forKey: .refunds)
        try container.encode(cursor, forKey: .cursor)
    }
}
