import HTTPTypes
import Hummingbird
import Logging
import PaymentPrimitives
import Payments

/// Turns every error into problem details and one log line; adds the headers that every answer has.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ServerRequestContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch {
            let problem = ProblemDetails(error, requestID: context.id)
            // The query is left out: it may hold an openid.
            let metadata: Logger.Metadata = [
                "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "status": "\(problem.status)",
                "code": "\(problem.code)", "wechat_code": "\(problem.wechatCode ?? "-")",
                "client": "\(context.client?.name ?? "-")",
            ]
            if problem.status >= 500, !(error is PaymentError) {
                context.logger.error("\(error)", metadata: metadata)
            } else {
                context.logger.warning("\(Self.oneLine(problem.detail))", metadata: metadata)
            }
            response = JSONAnswer.bytes(
                try StrictJSON.encode(problem), status: .init(code: problem.status),
                contentType: JSONAnswer.problem)
            if problem.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
            if problem.status == 503 || problem.code == PaymentError.Code.inProgress.rawValue {
                response.headers[.retryAfter] = "2"
            }
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        // A body after HEAD would be taken for the beginning of the next answer.
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// What a caller wrote may stand in the message; a line break in it must not forge a line of the log.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
