import Foundation

/// WeChat's error document: `{"code", "message", "detail"}`.
struct ErrorBody: Decodable {
    let code: String?
    let message: String?

    /// The error that an answer of a status other than 2xx means. A body that is none of WeChat's (a gateway's page) has
    /// a status only.
    static func error(_ raw: RawAnswer, isVerified: Bool) -> WeChatPayError {
        let body = try? StrictJSON.decode(ErrorBody.self, from: raw.body, numbers: .any)
        let code = body?.code.flatMap { $0.isEmpty ? nil : WeChatErrorCode(rawValue: oneLine($0, 64)) }
        let message = body?.message.map { oneLine($0, 512) } ?? "an answer that is not WeChat's error document"
        return WeChatPayError(
            .refused, message + (isVerified ? "" : " (unsigned)"), status: raw.status, wechatCode: code,
            detail: body == nil ? nil : detail(raw.body), requestID: raw.requestID, isVerified: isVerified)
    }

    private static func detail(_ body: [UInt8]) -> String? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any], let detail = object["detail"],
            JSONSerialization.isValidJSONObject(detail),
            let data = try? JSONSerialization.data(withJSONObject: detail, options: [.sortedKeys, .withoutEscapingSlashes])
        else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}

/// A text without control characters, so that an answer cannot forge lines of a log.
package func oneLine(_ text: String, _ length: Int) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }).prefix(length))
}
