import Crypto
import Foundation
import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Uploads to the sandbox")
struct UploadTests {
    private static let path = "/v3/merchant/media/upload"
    private static let type = ["Content-Type": "multipart/form-data; boundary=BOUNDARY"]

    private static func meta(_ fileName: String, _ file: [UInt8]) -> String {
        "{\"filename\":\"\(fileName)\",\"sha256\":\"\(Hex.lower(SHA256.hash(data: file)))\"}"
    }

    /// A whole body, as the documents show it.
    private static func body(_ meta: String, _ file: [UInt8], fileName: String = "a.png") -> [UInt8] {
        Array(
            ("--BOUNDARY\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n\(meta)\r\n"
                + "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(fileName)\"\r\n"
                + "Content-Type: image/png\r\n\r\n").utf8) + file + Array("\r\n--BOUNDARY--\r\n".utf8)
    }

    /// A request that is signed over `meta` and carries `body`.
    private func upload(
        _ caller: Caller, _ meta: String, _ body: [UInt8], path: String = UploadTests.path,
        headers: [String: String] = UploadTests.type
    ) async throws -> Caller.Reply {
        var request = try caller.request("POST", path, meta, headers: headers)
        request.body = body
        return try await caller.reply(to: request)
    }

    @Test("The SDK's pictures and videos get an id each, also where the sandbox is strict")
    func sdk() async throws {
        let caller = try makeSandbox(strict: true)
        let shop = caller.merchant
        let client = try WeChatPay.Client(
            merchant: Merchant(
                mchid: shop.mchid, serialNo: shop.serialNo, privateKey: MerchantPrivateKey(pem: shop.privateKeyPEM),
                apiV3Key: shop.apiV3Key), transport: caller.sandbox.transport, clock: caller.clock)
        let data: [UInt8] = Array(0...255) + Array("\r\n--\r\n\r\r\n--".utf8)
        let ids = [
            try await client.media.uploadImage(fileName: "证照.PNG", data: data),
            try await client.media.uploadImage(fileName: "证照.PNG", data: data),
            try await client.media.uploadVideo(fileName: "shop.mp4", data: data),
        ]
        #expect(Set(ids).count == 3)
        for id in ids { #expect(id.wholeMatch(of: /[A-Za-z0-9_-]{107}/) != nil, "\(id)") }
        #expect(caller.sandbox.warnings.isEmpty)
    }

    @Test("A file that is not what its meta says, has another ending or is too big is refused in WeChat's form")
    func refused() async throws {
        let caller = try makeSandbox()
        let file = Array("picture".utf8)
        let big = [UInt8](repeating: 0, count: 2 << 20 + 1)
        let right = Self.meta("a.png", file)
        let cases: [(meta: String, body: [UInt8], message: String)] = [
            (Self.meta("a.gif", file), Self.body(Self.meta("a.gif", file), file), "后缀"),
            (Self.meta("png", file), Self.body(Self.meta("png", file), file), "后缀"),
            (right, Self.body(right, file + [0]), "sha256"), (right, Self.body(right, []), "不能为空"),
            (right, Self.body(right, file, fileName: ""), "不能为空"),
            (Self.meta("a.png", big), Self.body(Self.meta("a.png", big), big), "2M"), ("{", Self.body("{", file), "JSON"),
            ("{\"filename\":\"a.png\"}", Self.body("{\"filename\":\"a.png\"}", file), "/body/sha256"),
        ]
        for (meta, body, message) in cases {
            let reply = try await upload(caller, meta, body)
            #expect(reply.status == 400, "\(meta)")
            #expect(reply.code == "PARAM_ERROR")
            #expect(reply.message?.contains(message) == true, "\(meta): \(reply.message ?? "")")
            #expect(reply.header("Wechatpay-Signature") != nil)
        }
        // A video may be bigger, and a picture is no video.
        let video = Self.meta("a.mp4", big)
        #expect(try await upload(caller, video, Self.body(video, big), path: "/v3/merchant/media/video_upload").status == 200)
        #expect(try await upload(caller, right, Self.body(right, file), path: "/v3/merchant/media/video_upload").status == 400)
        #expect(try await upload(caller, right, Self.body(right, file)).status == 200)
    }

    @Test("An upload that was signed whole is refused, and the cause says that the meta alone is signed")
    func signedWhole() async throws {
        let caller = try makeSandbox()
        let file = Array("picture".utf8)
        let body = String(decoding: Self.body(Self.meta("a.png", file), file), as: UTF8.self)
        let request = try caller.request("POST", Self.path, body, headers: Self.type)
        let reply = try await caller.reply(to: request)
        #expect(reply.status == 401)
        #expect(reply.code == "SIGN_ERROR")
        #expect(caller.sandbox.requests().last?.cause?.code == "multipart_body_signed")
        let explanation = try SignatureExplanation.explain(
            request, signer: .certificate(pem: caller.merchant.certificatePEM), clock: caller.clock)
        #expect(explanation.cause?.code == "multipart_body_signed")
        #expect(String(decoding: explanation.message, as: UTF8.self).hasSuffix("\n\(Self.meta("a.png", file))\n"))
    }

    @Test("Elsewhere the whole body is signed, whatever its type")
    func elsewhere() async throws {
        let caller = try makeSandbox()
        let file = Array("picture".utf8)
        let meta = Self.meta("a.png", file)
        #expect(try await upload(caller, meta, Self.body(meta, file), path: Caller.jsapi).status == 401)
        #expect(try await upload(caller, meta, Self.body(meta, file), path: "/v3/merchant/media").status == 401)
    }

    @Test("A body that is no such form is refused as wrongly signed, and the cause says what is wrong with it")
    func malformed() async throws {
        let caller = try makeSandbox()
        let file = Array("picture".utf8)
        let meta = Self.meta("a.png", file)
        let right = String(decoding: Self.body(meta, file), as: UTF8.self)
        let cases: [(body: String, reason: String)] = [
            ("", "does not begin"), (meta, "does not begin"), ("\r\n" + right, "does not begin"),
            (right.replacing("BOUNDARY--", with: "BOUNDARY"), "have no end"),
            (right.replacing("BOUNDARY--", with: "BOUNDARY-"), "no -- behind"), (String(right.dropLast(6)), "not followed"),
            (right + "more", "something follows"), (right.replacing("\"file\"", with: "\"meta\""), "twice"),
            (right.replacing("\"meta\"", with: "\"Meta\""), "no part “meta”"),
            // Seen live: WeChat answers SIGN_ERROR.
            (right.replacing("\"meta\"", with: "\"meta\"; filename=\"meta.json\""), "filename"),
            (right.replacing("\"meta\"", with: "\"meta"), "Content-Disposition"),
            (right.replacing("form-data; name=\"meta\"", with: "attachment; name=\"meta\""), "Content-Disposition"),
            (right.replacing(" name=\"meta\"", with: " x=\"meta\""), "no name"),
            (right.replacing("image/png", with: String(repeating: "a", count: 4096)), "more than 4096"),
            (right.replacing("Content-Type: image/png", with: "nothing"), "colon"),
            (right.replacing(meta, with: String(repeating: "a", count: 16_385)), "16384"),
            (
                (0..<9).map { "--BOUNDARY\r\nContent-Disposition: form-data; name=\($0)\r\n\r\n\r\n" }.joined() + "--BOUNDARY--",
                "more than 8 parts"
            ),
        ]
        for (body, reason) in cases {
            let reply = try await upload(caller, meta, Array(body.utf8))
            #expect(reply.status == 401, "\(reason)")
            let cause = caller.sandbox.requests().last?.cause
            #expect(cause?.code == "multipart_format", "\(reason)")
            #expect(cause?.english.contains(reason) == true, "\(reason): \(cause?.english ?? "")")
        }
        for type in ["application/json", "multipart/form-data; boundary=\"", "multipart/form-data; boundary=\"\""] {
            #expect(try await upload(caller, meta, Array(right.utf8), headers: ["Content-Type": type]).status == 401, "\(type)")
        }
        // Quoted, or left out as PyPI's wechatpayv3 does.
        for type in ["multipart/form-data; charset=utf-8; boundary=\"BOUNDARY\"", "multipart/form-data"] {
            #expect(try await upload(caller, meta, Array(right.utf8), headers: ["Content-Type": type]).status == 200, "\(type)")
        }
    }

    @Test("Whatever a file contains, it is taken out of the form unchanged")
    func content() throws {
        let seed: UInt64 = 20_261_124
        let random = SeededRandom(seed)
        let pieces = ["\r", "\n", "--", "\r\n--", "\r\n--BOUNDAR", "BOUNDARY", "\r\r\n-", "a"].map { Array($0.utf8) }
        for round in 0..<300 {
            let chosen = random.bytes(round % 40).map { pieces[Int($0) % pieces.count] }
            // A file that contains the delimiter cannot be sent with this boundary.
            let file = Array(chosen.joined())
            guard !String(decoding: file, as: UTF8.self).unicodeScalars.elementsContain("\r\n--BOUNDARY") else { continue }
            let form = try MultipartForm(Self.body("{}", file), contentType: Self.type["Content-Type"])
            #expect(form["file"].map { Array($0.body) } == file, "seed \(seed), round \(round)")
        }
    }
}

extension String.UnicodeScalarView {
    /// By scalars: as a Character, CR LF is one.
    fileprivate func elementsContain(_ text: String) -> Bool { firstRange(of: Array(text.unicodeScalars)) != nil }
}
