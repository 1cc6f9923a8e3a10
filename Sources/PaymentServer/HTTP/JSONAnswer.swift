import HTTPTypes
import Hummingbird
import NIOCore
import PaymentPrimitives
import Payments

extension Request {
    /// The whole body.
    ///
    /// - Throws: what answers 413 when it is longer than `limit`; ``PaymentError`` `.invalidRequest` when it does not come
    ///   to its end or is not framed as HTTP says: that is the sender's fault and no error of the server.
    func bytes(upTo limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch let error as any HTTPResponseError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PaymentError(.invalidRequest, "the body could not be read to its end")
        }
    }
}

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
