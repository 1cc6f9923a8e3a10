import Foundation
import PaymentPrimitives
import Testing
import WeChatPay
import WeChatPaySandbox

@Suite("wechatpay explain-signature")
struct ExplainSignatureTests {
    private let merchant = SandboxSetup.standard.merchants[0]

    /// Next to the test bundle, or where the environment variable `WECHATPAY` says.
    private static var path: String {
        ProcessInfo.processInfo.environment["WECHATPAY"]
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("wechatpay").path
    }

    private func run(
        _ arguments: [String], language: String = "en_US.UTF-8"
    ) throws -> (status: Int32, output: [String: Any], errors: String) {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["explain-signature"] + arguments
        process.environment = ["LANG": language]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let object = try? JSONSerialization.jsonObject(with: text) as? [String: Any]
        return (process.terminationStatus, object ?? [:], complaint)
    }

    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("explain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    private func authorization(_ message: String) throws -> String {
        let signature = Data(try MerchantPrivateKey(pem: merchant.privateKeyPEM).signature(for: Array(message.utf8)))
        return "WECHATPAY2-SHA256-RSA2048 mchid=\"\(merchant.mchid)\",nonce_str=\"abc\",timestamp=\"1700000000\","
            + "serial_no=\"\(merchant.serialNo)\",signature=\"\(signature.base64EncodedString())\""
    }

    @Test("A right signature exits 0, with the text that was signed; a wrong one 1, with the cause in the reader's language")
    func verdicts() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key, body) = (folder.path + "/cert.pem", folder.path + "/key.pem", folder.path + "/body.json")
        try merchant.certificatePEM.write(toFile: certificate, atomically: false, encoding: .utf8)
        try merchant.privateKeyPEM.write(toFile: key, atomically: false, encoding: .utf8)
        try "{\"a\":1}".write(toFile: body, atomically: false, encoding: .utf8)
        let message = "POST\n/v3/x?a=1\n1700000000\nabc\n{\"a\":1}\n"
        let request = ["--method", "POST", "--url", "https://api.mch.weixin.qq.com/v3/x?a=1", "--body", body]
        let right = try authorization(message)
        for signer in [["--certificate", certificate], ["--private-key", key]] {
            let answer = try run(request + ["--authorization", right] + signer)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output["valid"] as? Bool == true)
            #expect(answer.output["sign_string"] as? String == "POST\\n/v3/x?a=1\\n1700000000\\nabc\\n{\"a\":1}\\n")
        }
        let wrong = [
            "--authorization", "Authorization: " + (try authorization(String(message.dropLast()))), "--certificate", certificate,
        ]
        let english = try run(request + wrong)
        #expect(english.status == 1)
        #expect(english.output["cause"] as? String == "no_last_newline")
        #expect(english.output["explanation"] as? String == "the last line of the signed text has no newline")
        let chinese = try run(request + wrong, language: "zh_CN.UTF-8")
        #expect(chinese.status == 1)
        #expect(chinese.output["explanation"] as? String == "签名串最后一行缺少换行符")
        let parts = right.split(separator: "\"").map(String.init)
        let separate = [
            "--mchid", parts[1], "--nonce", parts[3], "--timestamp", parts[5], "--serial", parts[7], "--signature", parts[9],
        ]
        #expect(try run(request + separate + ["--certificate", certificate]).status == 0)
    }

    @Test("An upload is checked by its meta, with the Content-Type that names its boundary")
    func upload() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, form) = (folder.path + "/key.pem", folder.path + "/form")
        try merchant.privateKeyPEM.write(toFile: key, atomically: false, encoding: .utf8)
        let meta = #"{"filename":"a.png","sha256":"00"}"#
        let body = """
            --b1\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n\(meta)\r\n--b1\r\n\
            Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b1--\r\n
            """
        try body.write(toFile: form, atomically: false, encoding: .utf8)
        let path = "/v3/merchant/media/upload"
        let request = [
            "--method", "POST", "--url", path, "--body", form, "--private-key", key, "--authorization",
            try authorization("POST\n\(path)\n1700000000\nabc\n\(meta)\n"),
        ]
        let right = try run(request + ["--content-type", "multipart/form-data; boundary=b1"])
        #expect(right.status == 0, "\(right.output) \(right.errors)")
        #expect(right.output["sign_string"] as? String == "POST\\n\(path)\\n1700000000\\nabc\\n\(meta)\\n")
        #expect(try run(request).output["cause"] as? String == "multipart_format")
    }

    @Test("What could not run exits 2 and says why")
    func failures() throws {
        let request = ["--url", "/v3/x", "--authorization", "x"]
        let missing = try run(request + ["--certificate", "/nowhere/cert.pem"])
        #expect(missing.status == 2)
        #expect(missing.errors.contains("/nowhere/cert.pem"))
        #expect(try run(request + ["--state", "/nowhere"]).status == 2)
        #expect(try run(["--url", "v3", "--authorization", "x", "--state", "/nowhere"]).status == 2)
        #expect(![0, 1].contains(try run(request).status))
    }
}
