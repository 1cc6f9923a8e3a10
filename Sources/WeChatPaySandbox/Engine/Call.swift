import Foundation
import HTTPTypes
import PaymentPrimitives
import WeChatPay

/// A request, taken apart as far as routing needs it.
struct Call: Sendable {
    let method: HTTPRequest.Method
    /// The path's segments, percent-decoded.
    let segments: [String]
    /// The query's parameters, percent-decoded; of one that stands twice, the first.
    let query: [String: String]
    let headers: HTTPFields
    /// Scheme and host as the caller named them: where the URLs in an answer point.
    let origin: String
    var body: [UInt8]

    init(_ request: TransportRequest) {
        let path = request.head.path ?? "/"
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        method = request.head.method
        self.segments = segments.map { $0.removingPercentEncoding ?? String($0) }
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = sides[0].removingPercentEncoding ?? String(sides[0])
            let value = sides.count > 1 ? sides[1] : ""
            if query[name] == nil { query[name] = value.removingPercentEncoding ?? String(value) }
        }
        self.query = query
        headers = request.head.headerFields
        origin = "\(request.head.scheme ?? "https")://\(request.head.authority ?? "wx.tenpay.com")"
        body = request.body
    }
}

/// The two clocks at the moment of a call.
struct Moment: Sendable {
    /// Real time: signatures and certificates.
    let wire: Timestamp
    /// Wire time and the offset: orders, expiry, retries.
    let business: Timestamp
}
