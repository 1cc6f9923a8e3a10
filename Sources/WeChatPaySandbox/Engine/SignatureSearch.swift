import Foundation
import HTTPTypes
import PaymentPrimitives
import WeChatPay

/// Finds out what was signed instead of what should have been, by trying the usual mistakes.
struct SignatureSearch {
    /// The key that should have signed.
    let requestKey: RSAVerificationKey
    /// WeChat's own keys, and those of other merchants by their numbers.
    var platformKeys: [RSAVerificationKey] = []
    var others: [(mchid: String, key: RSAVerificationKey)] = []
    let authorization: Authorization
    let request: TransportRequest
    /// What of the request's body is to be signed.
    let body: [UInt8]
    /// The signature's bytes; `nil` when it is not Base64.
    let signature: [UInt8]?

    private var method: String { request.head.method.rawValue }
    private var path: String { request.head.path ?? "" }

    func cause() -> SignatureCause {
        guard let signature, !signature.isEmpty else { return .notBase64 }
        guard signature.count >= 256 else { return .notRSA(length: signature.count) }
        for (message, cause) in variants() where requestKey.isValid(signature: signature, for: message) {
            return cause
        }
        let message = authorization.message(method: method, path: path, body: body)
        if platformKeys.contains(where: { $0.isValid(signature: signature, for: message) }) { return .platformKey }
        for other in others where other.key.isValid(signature: signature, for: message) {
            return .keyOfAnotherMerchant(other.mchid)
        }
        return isSignedInMilliseconds(signature) ? .milliseconds : .unknown
    }

    /// Whether the header shows seconds, but milliseconds were signed: a thousand possible texts, so tried last.
    private func isSignedInMilliseconds(_ signature: [UInt8]) -> Bool {
        guard body.count <= 16_384 else { return false }
        return (1000..<2000).contains { thousand in
            let stamp = authorization.timestamp + String(thousand).dropFirst()
            let text = "\(method)\n\(path)\n\(stamp)\n\(authorization.nonce)\n"
            return requestKey.isValid(signature: signature, for: Array(text.utf8) + body + [0x0A])
        }
    }

    private func variants() -> [([UInt8], SignatureCause)] {
        let right = authorization.message(method: method, path: path, body: body)
        var variants: [([UInt8], SignatureCause)] = [
            // The same bytes, so the body's own end tells which of the two mistakes it is.
            (right.dropLast(), body.last == 0x0A ? .trailingNewlineOfBody : .noLastNewline),
            (right + [0x0A], .oneNewlineTooMany),
            (Array(String(decoding: right, as: UTF8.self).replacing("\n", with: "\r\n").utf8), .carriageReturns),
        ]
        variants += paths().map { (authorization.message(method: method, path: $0.0, body: body), $0.1) }
        variants += bodies().map { (authorization.message(method: method, path: path, body: $0.0), $0.1) }
        for other in ["GET", "POST", "PUT", "DELETE", method.lowercased()] where other != method {
            variants.append((authorization.message(method: other, path: path, body: body), .method(other)))
        }
        let swapped = "\(method)\n\(path)\n\(authorization.nonce)\n\(authorization.timestamp)\n"
        variants.append((Array(swapped.utf8) + body + [0x0A], .nonceBeforeTimestamp))
        return variants
    }

    private func paths() -> [(String, SignatureCause)] {
        var paths: [(String, SignatureCause)] = []
        let bare = path.prefix { $0 != "?" }
        if bare.count < path.count { paths.append((String(bare), .pathWithoutQuery)) }
        let authority = request.head.authority ?? "api.mch.weixin.qq.com"
        for host in Set([authority, "api.mch.weixin.qq.com"]) {
            for scheme in ["https://", "http://"] { paths.append((scheme + host + path, .wholeURL)) }
        }
        if let decoded = path.removingPercentEncoding, decoded != path { paths.append((decoded, .pathDecoded)) }
        let encodings = [
            PercentCoding.encode(path, keeping: "/?=&"), PercentCoding.encode(path, keeping: "/?=&*|:,@$!;'()+"),
            path.removingPercentEncoding.map { PercentCoding.encode($0, keeping: "/?=&") },
            path.removingPercentEncoding.map { PercentCoding.encode($0, keeping: "/?=&*") },
            PercentCoding.lowercasingEscapes(path), PercentCoding.uppercasingEscapes(path),
        ]
        for case let encoded? in encodings where encoded != path { paths.append((encoded, .pathEncoded)) }
        return paths
    }

    private func bodies() -> [([UInt8], SignatureCause)] {
        var bodies: [([UInt8], SignatureCause)] = []
        if body.isEmpty {
            bodies += ["{}", "null", "[]", "\"\""].map { (Array($0.utf8), .bodySignedButNotSent($0)) }
            // Some sign the parameters of the query as if they were a body.
            if let query = path.split(separator: "?", maxSplits: 1).dropFirst().first {
                let parameters = JSONValue.object(
                    query.split(separator: "&").map { pair in
                        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        return .init(name: String(parts[0]), value: .string(parts.count > 1 ? String(parts[1]) : ""))
                    })
                for layout in [JSONValue.Layout.compact, .spaced] {
                    bodies.append((parameters.serialised(layout), .bodySignedButNotSent("the query as JSON")))
                }
            }
            return bodies
        }
        bodies.append(([], .bodyNotSigned))
        if request.body != body { bodies.append((request.body, .multipartBodySigned)) }
        guard let value = try? JSONParser.parse(body) else { return bodies }
        for value in [value, value.sorted] {
            for layout in [
                JSONValue.Layout.compact, .spaced, .spacedASCII, .ascii, .escapedSlashes, .escapedSlashesASCII, .pretty,
            ] {
                let text = value.serialised(layout)
                bodies.append((text, .bodyReserialised))
                bodies.append((text + [0x0A], .bodyReserialised))
            }
        }
        return bodies.filter { $0.0 != body }
    }
}

/// Percent encoding of paths, in the ways in which libraries differ.
enum PercentCoding {
    static func encode(_ text: String, keeping kept: String) -> String {
        let safe = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8).union(kept.utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if safe.contains(byte) {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(contentsOf: Hex.upper([byte]).utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func lowercasingEscapes(_ text: String) -> String {
        text.replacing(/%[0-9A-Fa-f]{2}/) { $0.output.lowercased() }
    }

    static func uppercasingEscapes(_ text: String) -> String {
        text.replacing(/%[0-9A-Fa-f]{2}/) { $0.output.uppercased() }
    }
}
