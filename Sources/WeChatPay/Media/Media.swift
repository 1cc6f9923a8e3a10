import Crypto
import Foundation
import HTTPTypes

/// Pictures and videos that other operations refer to: `client.media`.
public struct Media: Sendable {
    let client: Client

    /// The most bytes that a picture may have: 2 MB.
    public static let imageLimit = 2 << 20
    /// The most bytes that a video may have: 5 MB.
    public static let videoLimit = 5 << 20

    private static let imageTypes = ["jpg": "image/jpeg", "bmp": "image/bmp", "png": "image/png"]
    private static let videoTypes = [
        "avi": "video/x-msvideo", "wmv": "video/x-ms-wmv", "mpeg": "video/mpeg", "mp4": "video/mp4", "mov": "video/quicktime",
        "mkv": "video/x-matroska", "flv": "video/x-flv", "f4v": "video/mp4", "m4v": "video/x-m4v",
        "rmvb": "application/vnd.rn-realmedia-vbr",
    ]

    /// Uploads a picture: `POST /v3/merchant/media/upload` (《图片上传》).
    ///
    /// - Parameters:
    ///   - fileName: ends in `.jpg`, `.bmp` or `.png`; at most 128 bytes without quotes, backslashes and control characters.
    ///   - data: at most ``imageLimit`` bytes.
    /// - Returns: the `media_id`.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` before anything is sent; see its advice for the others.
    public func uploadImage(fileName: String, data: [UInt8]) async throws(WeChatPayError) -> String {
        let upload = try MediaUpload(
            fileName, data, types: Self.imageTypes, limit: Self.imageLimit, boundary: client.random.alphanumeric(32))
        return try await send(upload, "/v3/merchant/media/upload")
    }

    /// Uploads a video: `POST /v3/merchant/media/video_upload` (《视频上传》).
    ///
    /// - Parameters:
    ///   - fileName: ends in `.avi`, `.wmv`, `.mpeg`, `.mp4`, `.mov`, `.mkv`, `.flv`, `.f4v`, `.m4v` or `.rmvb`; otherwise as
    ///     for pictures.
    ///   - data: at most ``videoLimit`` bytes.
    /// - Returns: the `media_id`.
    /// - Throws: as ``uploadImage(fileName:data:)``.
    public func uploadVideo(fileName: String, data: [UInt8]) async throws(WeChatPayError) -> String {
        let upload = try MediaUpload(
            fileName, data, types: Self.videoTypes, limit: Self.videoLimit, boundary: client.random.alphanumeric(32))
        return try await send(upload, "/v3/merchant/media/video_upload")
    }

    private func send(_ upload: MediaUpload, _ path: String) async throws(WeChatPayError) -> String {
        struct Uploaded: Decodable {
            let id: String
            enum CodingKeys: String, CodingKey { case id = "media_id" }
        }
        // A file that is uploaded twice has two ids, and does no harm.
        let answer = try await client.send(
            Call(
                method: .post, path: path, body: upload.body, isIdempotent: true, contentType: upload.contentType,
                signedBody: upload.meta))
        let id = try answer.decode(Uploaded.self).id
        guard !id.isEmpty else {
            throw WeChatPayError(
                .malformed, "the answer: media_id is empty", status: answer.status, requestID: answer.requestID, isVerified: true)
        }
        return id
    }
}

/// A file as `multipart/form-data`: a part `meta`, which alone is signed, and a part `file`.
struct MediaUpload {
    let meta: [UInt8]
    let body: [UInt8]
    let contentType: String

    init(
        _ fileName: String, _ data: [UInt8], types: [String: String], limit: Int, boundary: String
    ) throws(WeChatPayError) {
        try WeChatText.check(fileName, "filename", 1...128)
        guard !fileName.hasControlCharacter, !fileName.contains("\""), !fileName.contains("\\") else {
            throw WeChatPayError(.invalidArgument, "filename: a quote, a backslash or a control character")
        }
        let suffix = fileName.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? ""
        guard fileName.contains("."), let type = types[suffix] else {
            throw WeChatPayError(.invalidArgument, "filename: must end in .\(types.keys.sorted().joined(separator: ", ."))")
        }
        guard !data.isEmpty, data.count <= limit else {
            throw WeChatPayError(.invalidArgument, "file: \(data.count) bytes, must be 1 to \(limit)")
        }
        struct Meta: Encodable {
            let filename: String
            let sha256: String
        }
        do {
            meta = try StrictJSON.encode(Meta(filename: fileName, sha256: Hex.lower(SHA256.hash(data: data))))
        } catch {
            throw WeChatPayError(.invalidArgument, "filename: cannot be written as JSON", underlying: error)
        }
        contentType = "multipart/form-data; boundary=\(boundary)"
        body =
            Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n".utf8)
            + meta
            + Array(
                """
                \r\n--\(boundary)\r\nContent-Disposition: form-data; name="file"; filename="\(fileName)"\r
                Content-Type: \(type)\r\n\r\n
                """.utf8)
            + data + Array("\r\n--\(boundary)--\r\n".utf8)
    }
}

extension Client {
    /// Pictures and videos.
    public var media: Media { Media(client: self) }
}
