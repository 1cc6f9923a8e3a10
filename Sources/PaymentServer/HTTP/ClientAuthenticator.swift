import Crypto
import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// Recognises the merchant's system by its bearer key. Every key is compared, in constant time.
struct ClientAuthenticator: RouterMiddleware {
    typealias Context = ServerRequestContext
    let clients: @Sendable () -> [APIClient]

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer "), header.utf8.count <= 512 else {
            throw PaymentError(.unauthorized, "an Authorization header with a bearer key is required")
        }
        let digest = Array(SHA256.hash(data: Array(header.dropFirst("Bearer ".count).utf8)))
        var found: APIClient?
        for client in clients() where constantTimeEqual(client.keyDigest, digest) { found = client }
        guard let found else { throw PaymentError(.unauthorized, "the bearer key is not known") }
        var context = context
        context.client = found
        return try await next(request, context)
    }
}
