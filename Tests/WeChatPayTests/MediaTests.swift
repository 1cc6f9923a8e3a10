import Crypto
import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Uploads")
struct MediaTests {
    private let clock = JumpingClock()

    @Test("A picture goes out in two parts, and only its description is signed")
    func image() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in
            platform.answer(200, #"{"media_id":"H1ihR9JUtVj-J7CJqBUY5ZOrG_Je75H-rKhTG7FUmg9s"}"#)
        }
        let client = try testClient(transport, clock: clock)
        let data: [UInt8] = [0x89, 0x50, 0x0D, 0x0A, 0x00, 0xFF]
        let id = try await client.media.uploadImage(fileName: "证照.PNG", data: data)
        #expect(id == "H1ihR9JUtVj-J7CJqBUY5ZOrG_Je75H-rKhTG7FUmg9s")
        let request = try #require(transport.requests.first)
        #expect(request.head.path == "/v3/merchant/media/upload")
        let type = try #require(request.head.headerFields[.contentType])
        #expect(type.hasPrefix("multipart/form-data; boundary="))
        let boundary = type.dropFirst("multipart/form-data; boundary=".count)
        #expect(boundary.count == 32)
        let meta = "{\"filename\":\"证照.PNG\",\"sha256\":\"\(Hex.lower(SHA256.hash(data: data)))\"}"
        let expected =
            Array(
                ("--\(boundary)\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n\(meta)\r\n"
                    + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"证照.PNG\"\r\n"
                    + "Content-Type: image/png\r\n\r\n").utf8) + data + Array("\r\n--\(boundary)--\r\n".utf8)
        #expect(request.body == expected)
        let header = try #require(request.head.headerFields[.authorization])
        func field(_ name: String) -> String {
            header.components(separatedBy: name + "=\"").last?.components(separatedBy: "\"").first ?? ""
        }
        let message = SignString.request(
            method: "POST", path: "/v3/merchant/media/upload", timestamp: clock.now.seconds, nonce: field("nonce_str"),
            body: Array(meta.utf8))
        let signature = try #require(Data(base64Encoded: field("signature")))
        #expect(Platform.merchant.publicKey.isValid(signature: Array(signature), for: message))
    }

    @Test("A video goes to its own path")
    func video() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in platform.answer(200, #"{"media_id":"v"}"#) }
        let client = try testClient(transport, clock: clock)
        #expect(try await client.media.uploadVideo(fileName: "a.mp4", data: [1]) == "v")
        #expect(transport.paths == ["/v3/merchant/media/video_upload"])
    }

    @Test(
        "A wrong name or size is refused before anything is sent",
        arguments: [
            ("a.gif", 1), ("a", 1), ("png", 1), ("", 1), ("a\".png", 1), ("a\r\n.png", 1), ("a\\.png", 1), ("a.mp4", 1),
            (String(repeating: "a", count: 125) + ".png", 1), ("a.png", 0), ("a.png", 2 << 20 + 1),
        ])
    func refused(_ name: String, _ count: Int) async throws {
        let client = try testClient(neverCalled, clock: clock)
        let data = [UInt8](repeating: 0, count: count)
        #expect(await code { _ = try await client.media.uploadImage(fileName: name, data: data) } == .invalidArgument)
    }

    @Test("The largest picture and video are taken, one byte more is not")
    func limits() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in platform.answer(200, #"{"media_id":"m"}"#) }
        let media = try testClient(transport, clock: clock).media
        _ = try await media.uploadImage(fileName: "a.jpg", data: [UInt8](repeating: 1, count: Media.imageLimit))
        _ = try await media.uploadVideo(fileName: "a.avi", data: [UInt8](repeating: 1, count: Media.videoLimit))
        #expect(
            await code {
                _ = try await media.uploadVideo(fileName: "a.avi", data: [UInt8](repeating: 1, count: Media.videoLimit + 1))
            } == .invalidArgument)
        #expect(transport.requests.count == 2)
    }

    @Test("An answer without an id is malformed")
    func noID() async throws {
        let platform = Platform(clock: clock)
        let transport = ScriptedTransport { _, _ in platform.answer(200, #"{"media_id":""}"#) }
        let client = try testClient(transport, clock: clock)
        #expect(await code { _ = try await client.media.uploadImage(fileName: "a.bmp", data: [1]) } == .malformed)
    }
}
