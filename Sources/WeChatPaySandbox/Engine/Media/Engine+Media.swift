import Crypto
import Foundation
import HTTPTypes
import PaymentPrimitives

extension Engine {
    private static let metaRules: [FieldRule] = [
        .required("filename", "媒体文件名称", .text(1...128)),
        .required(
            "sha256", "媒体文件摘要", .text(64...64, charset: .init(pattern: "^[0-9a-fA-F]{64}$") { $0.isHexDigit })),
    ]

    /// `POST /v3/merchant/media/upload` and `/v3/merchant/media/video_upload`, 《图片上传》 and 《视频上传》. The file is looked at
    /// and not kept: nothing here asks for it again.
    mutating func upload(
        _ kind: MediaKind, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let form: MultipartForm
        var description = call
        do {
            form = try MultipartForm(call.body, contentType: call.headers[.contentType])
            description.body = try MediaKind.meta(form)
        } catch {
            throw .parameter("请求体不是合法的multipart/form-data", field: "/", issue: error.reason)
        }
        let meta = try checkedBody(description, Self.metaRules, merchant, moment)
        let fileName = meta["filename"]?.string ?? ""
        let suffix = fileName.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased()
        guard let suffix, kind.suffixes.contains(suffix) else {
            throw .parameter(
                "文件名称不合法，必须以\(kind.suffixes.joined(separator: "、"))为后缀", field: "/meta/filename", value: .string(fileName),
                issue: "must end in .\(kind.suffixes.joined(separator: ", ."))")
        }
        guard let file = form["file"], file.fileName?.isEmpty == false, !file.body.isEmpty else {
            throw .parameter("文件内容不能为空", field: "/file", issue: "there is no part “file” with a filename and content")
        }
        guard file.body.count <= kind.megabytes << 20 else {
            throw .parameter(
                "文件大小不能超过\(kind.megabytes)M", field: "/file", issue: "\(file.body.count) bytes, more than \(kind.megabytes << 20)"
            )
        }
        guard Hex.lower(SHA256.hash(data: file.body)) == meta["sha256"]?.string?.lowercased() else {
            throw .parameter(
                "文件的sha256值与meta中的sha256不一致", field: "/meta/sha256", value: meta["sha256"], issue: "not the SHA-256 of the file")
        }
        return .ok(.record(("media_id", .string(mediaID()))))
    }

    /// 107 characters out of `A–Z a–z 0–9 - _`, as long as the documents show them.
    private mutating func mediaID() -> String {
        let number = withUnsafeBytes(of: nextSequence().bigEndian) { Array($0) }
        isChanged = true
        return Data(random.bytes(72) + number).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
