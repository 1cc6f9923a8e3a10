import Crypto
import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// A request with an `Idempotency-Key`: it has one effect and one answer, however often it is sent.
struct IdempotentRequest {
    let idempotency: PaymentService.Idempotency
    let merchant: String

    /// What came of it.
    enum Outcome {
        /// The answer to the same request before.
        case replay(StoredAnswer)
        /// The body of a new answer.
        case made([UInt8])
    }

    /// Refusals that the same request will always get. Not `conflict`: what is in the way may go, and then the same
    /// request with the same key is to do what it asks for.
    private static let finalCodes: Set<PaymentError.Code> = [
        .invalidRequest, .outTradeNoUsed, .outRefundNoUsed, .notRefundable, .wrongState, .refusedByWeChat,
    ]

    /// - Throws: ``PaymentError`` `.invalidRequest` without a usable header.
    init(
        _ request: Request, _ operation: String, body: [UInt8], client: APIClient, merchant: String
    ) throws(PaymentError) {
        guard let key = HTTPField.Name.idempotencyKey.flatMap({ request.headers[$0] }), (1...255).contains(key.utf8.count) else {
            throw PaymentError(.invalidRequest, "an Idempotency-Key header of 1 to 255 bytes is required")
        }
        idempotency = PaymentService.Idempotency(
            client: client.name, key: key, fingerprint: Hex.lower(SHA256.hash(data: Array(operation.utf8) + [0] + body)))
        self.merchant = merchant
    }

    /// Runs the request and keeps its answer, when it is final, for the next one with the same key.
    func answer(
        _ payments: PaymentService, _ context: ServerRequestContext, _ run: () async throws -> Outcome
    ) async throws -> Response {
        do {
            switch try await run() {
            case .replay(let answer):
                return JSONAnswer.bytes(
                    answer.body, status: .init(code: answer.status),
                    contentType: answer.status < 400 ? JSONAnswer.json : JSONAnswer.problem)
            case .made(let body):
                let answer = StoredAnswer(status: 201, body: body)
                try await payments.store(answer, for: idempotency, merchant: merchant, hasMade: true)
                return JSONAnswer.bytes(body, status: .created)
            }
        } catch let error as PaymentError where Self.finalCodes.contains(error.code) {
            // A final answer: the same key gets it again.
            let problem = try StrictJSON.encode(ProblemDetails(error, requestID: context.id))
            try await payments.store(
                StoredAnswer(status: HTTPResponse.Status(error.code).code, body: problem), for: idempotency, merchant: merchant,
                hasMade: error.code == .refusedByWeChat)
            throw error
        } catch let error as PaymentError where error.code == .resultUnknown {
            try await payments.release(idempotency, merchant: merchant)
            throw error
        }
    }
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")
}
