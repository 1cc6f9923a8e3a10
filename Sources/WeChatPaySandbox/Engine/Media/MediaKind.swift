import HTTPTypes
import WeChatPay

/// What can be uploaded. Follows 《图片上传》 and 《视频上传》.
enum MediaKind: Sendable {
    case image, video

    /// The most bytes of an upload's whole body: more than any file may have, so that one that is too big hears it from WeChat.
    static let bodyLimit = 6 << 20
    /// The most bytes of the part `meta`.
    private static let metaLimit = 16_384

    /// What a call uploads; `nil` when it is no upload.
    init?(_ method: HTTPRequest.Method, _ segments: [String]) {
        guard method == .post else { return nil }
        switch segments {
        case ["v3", "merchant", "media", "upload"]: self = .image
        case ["v3", "merchant", "media", "video_upload"]: self = .video
        default: return nil
        }
    }

    /// The endings of file names, in lower case.
    var suffixes: [String] {
        switch self {
        case .image: ["jpg", "bmp", "png"]
        case .video: ["avi", "wmv", "mpeg", "mp4", "mov", "mkv", "flv", "f4v", "m4v", "rmvb"]
        }
    }

    /// The most megabytes of a file.
    var megabytes: Int {
        switch self {
        case .image: 2
        case .video: 5
        }
    }

    /// The part `meta` of an upload, which alone is signed.
    static func meta(_ form: MultipartForm) throws(MultipartForm.Malformed) -> [UInt8] {
        guard let part = form["meta"] else { throw .init(reason: "there is no part “meta”") }
        // Seen live: WeChat does not find a meta that looks like a file.
        guard part.fileName == nil else { throw .init(reason: "the part “meta” must not have a filename") }
        guard part.body.count <= metaLimit else { throw .init(reason: "the part “meta” has more than \(metaLimit) bytes") }
        return Array(part.body)
    }
}

extension TransportRequest {
    /// What of the body is signed: all of it, and of an upload its part `meta` alone. Follows 《签名生成》.
    func signedBody() throws(MultipartForm.Malformed) -> [UInt8] {
        guard MediaKind(head.method, Call(self).segments) != nil else { return body }
        return try MediaKind.meta(MultipartForm(body, contentType: head.headerFields[.contentType]))
    }
}
