import Foundation
import HTTPTypes
import Testing
import WeChatPay
import WeChatPaySandbox

/// The examples of both READMEs are the files beside this one, letter by letter: what a reader copies compiles and runs.
@Suite struct ReadmeTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let root = folder.appendingPathComponent("../../..").standardizedFileURL

    @Test(
        "An example is the file that is compiled here",
        arguments: ["README.md", "README.zh-CN.md"], [("sdk", "SDKExample"), ("sandbox", "SandboxExample")])
    func example(_ readme: String, _ example: (name: String, file: String)) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(readme), encoding: .utf8)
        let code = try String(
            contentsOf: Self.folder.appendingPathComponent(example.file + ".swift"), encoding: .utf8)
        #expect(
            text.contains("<!-- example: \(example.name) -->\n```swift\n\(code)```\n<!-- end: \(example.name) -->"),
            "\(readme): the example \(example.name) is not Tests/WeChatPaySandboxTests/Readme/\(example.file).swift")
    }

    @Test("The SDK example begins a payment and recognises its notification")
    func sdkExample() async throws {
        let inbox = Inbox()
        let sandbox = try Sandbox(deliver: { await inbox.take($0) })
        let shop = sandbox.merchants[0]
        let openid = sandbox.users[0].openid
        let client = try WeChatPay.Client(
            merchant: Merchant(
                mchid: shop.mchid, serialNo: shop.serialNo, privateKey: MerchantPrivateKey(pem: shop.privateKeyPEM),
                apiV3Key: shop.apiV3Key),
            transport: sandbox.transport)
        let parameters = try await begin(client, appid: shop.appid, openid: openid)
        let prepayID = parameters.package.replacingOccurrences(of: "prepay_id=", with: "")
        _ = try await sandbox.pay(.prepayID(prepayID), openid: openid)
        let request = try #require(await inbox.requests.first)
        #expect(try await isPaid(client, headers: request.head.headerFields, body: request.body))
    }
}

private actor Inbox {
    var requests: [TransportRequest] = []

    func take(_ request: TransportRequest) -> Int {
        requests.append(request)
        return 204
    }
}
