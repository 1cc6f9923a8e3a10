import HTTPTypes
import Hummingbird
import NIOCore
import PaymentPrimitives

/// JSON in, JSON out.
package enum JSONAnswer {
    /// An answer of ready bytes.
    package static func bytes(
        _ body: [UInt8], status: HTTPResponse.Status = .ok, contentType: String = "application/json; charset=utf-8"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: contentType, .cacheControl: "no-store", .contentLength: String(body.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// An answer of a value.
    package static func value(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        bytes(try StrictJSON.encode(value), status: status)
    }
}
