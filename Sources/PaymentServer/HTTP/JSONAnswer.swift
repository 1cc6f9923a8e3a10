import HTTPTypes
import Hummingbird
import NIOCore
import PaymentPrimitives

/// JSON in, JSON out.
enum JSONAnswer {
    static let json = "application/json; charset=utf-8"
    static let problem = "application/problem+json; charset=utf-8"

    /// An answer of ready bytes.
    static func bytes(
        _ body: [UInt8], status: HTTPResponse.Status = .ok, contentType: String = json
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: contentType, .cacheControl: "no-store", .contentLength: String(body.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// An answer of a value.
    static func value(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        bytes(try StrictJSON.encode(value), status: status)
    }
}
