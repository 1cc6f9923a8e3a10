import ArgumentParser
import Foundation
import HTTPTypes
import WeChatPay
import WeChatPaySandbox

/// `wechatpay explain-signature`: says whether a request of ours verifies, and if not, why.
struct ExplainSignatureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain-signature",
        abstract: "Says why the signature of a request to WeChat Pay does not verify. 解释请求签名为何验签失败。",
        discussion: """
            Give it the request as it was sent, and a key to check it with:

              wechatpay explain-signature --method POST --url /v3/pay/transactions/jsapi --body body.json \\
                --authorization 'WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",…' --certificate apiclient_cert.pem

            --authorization may be replaced by its five parts. --body must hold the exact bytes that were sent, a last
            newline included. Of an upload it is the whole form, and --content-type its Content-Type. Nothing is sent anywhere.

            Exit status: 0 the signature is right, 1 it is not, 2 the command could not run.
            """)

    @Option(help: "The HTTP method.")
    var method = "GET"
    @Option(help: "The address or only its path, with the query, percent-encoded as it was sent.")
    var url: String
    @Option(help: "The whole value of the Authorization header.")
    var authorization: String?
    @Option(help: "In place of --authorization: the merchant number.")
    var mchid: String?
    @Option(help: "In place of --authorization: the timestamp in seconds.")
    var timestamp: String?
    @Option(help: "In place of --authorization: nonce_str.")
    var nonce: String?
    @Option(help: "In place of --authorization: serial_no, of the merchant's API certificate.")
    var serial: String?
    @Option(help: "In place of --authorization: the signature, Base64.")
    var signature: String?
    @Option(help: "A file with the body as it was sent; left out for none.")
    var body: String?
    @Option(help: "Of an upload: the request's Content-Type, with its boundary.")
    var contentType: String?
    @Option(help: "The merchant's API certificate, apiclient_cert.pem.")
    var certificate: String?
    @Option(help: "Or the merchant's private key, apiclient_key.pem.")
    var privateKey: String?
    @Option(help: "Or a sandbox's state folder: the merchant that the request names, and others' keys are recognised.")
    var state: String?

    func validate() throws {
        guard [certificate, privateKey, state].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("Give one of --certificate, --private-key and --state.")
        }
        let parts = [mchid, timestamp, nonce, serial, signature].count { $0 != nil }
        guard authorization == nil ? parts == 5 : parts == 0 else {
            throw ValidationError(
                "Give --authorization, or all of --mchid, --timestamp, --nonce, --serial and --signature.")
        }
    }

    func run() throws {
        let console = Console.current()
        let explanation: SignatureExplanation
        do {
            explanation = try SignatureExplanation.explain(try request(), signer: try signer())
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("Error: \(error)\n".utf8))
            throw ExitCode(2)
        }
        report(explanation, console)
        if !explanation.isValid { throw ExitCode(1) }
    }

    // MARK: What is asked

    private func request() throws -> TransportRequest {
        guard let method = HTTPRequest.Method(method.uppercased()) else {
            throw CommandFailure("--method: “\(method)” is not an HTTP method")
        }
        var path = url
        var host: String?
        if let scheme = url.range(of: "://") {
            let rest = url[scheme.upperBound...]
            let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
            (host, path) = (String(rest[..<end]), String(rest[end...]))
        }
        guard path.hasPrefix("/") else { throw CommandFailure("--url: “\(url)” is neither a URL with a path nor a path") }
        let value =
            authorization
            ?? "WECHATPAY2-SHA256-RSA2048 mchid=\"\(mchid ?? "")\",nonce_str=\"\(nonce ?? "")\",timestamp=\"\(timestamp ?? "")\",serial_no=\"\(serial ?? "")\",signature=\"\(signature ?? "")\""
        var fields = HTTPFields()
        fields[.contentType] = contentType
        // Copied out of a log it often has its name in front.
        let name = "authorization:"
        fields[.authorization] =
            value.lowercased().hasPrefix(name)
            ? value.dropFirst(name.count).trimmingCharacters(in: .whitespaces) : value.trimmingCharacters(in: .newlines)
        return TransportRequest(
            head: HTTPRequest(method: method, scheme: "https", authority: host, path: path, headerFields: fields),
            body: try body.map { Array(try read($0, "--body")) } ?? [])
    }

    private func signer() throws -> SignatureExplanation.Signer {
        if let certificate { return .certificate(pem: String(decoding: try read(certificate, "--certificate"), as: UTF8.self)) }
        if let privateKey { return .privateKey(pem: String(decoding: try read(privateKey, "--private-key"), as: UTF8.self)) }
        return .merchant(of: try SandboxDirectory.setup(of: state ?? ""))
    }

    private func read(_ path: String, _ option: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(option): \(path) cannot be read")
        }
        return data
    }

    // MARK: What is answered

    private func report(_ explanation: SignatureExplanation, _ console: Console) {
        let shown = String(decoding: explanation.message, as: UTF8.self)
            .replacing("\r", with: "\\r").replacing("\n", with: "\\n")
        let cause = explanation.cause
        let verdict =
            cause.map { console.texts($0.english, $0.chinese) } ?? console.texts("the signature is right", "签名正确")
        var answer: [String: any Sendable] = [
            "event": "signature", "valid": explanation.isValid, "explanation": verdict, "sign_string": shown,
        ]
        answer["cause"] = cause?.code
        answer["age_seconds"] = explanation.age
        var lines = [
            console.texts(
                explanation.isValid ? "The signature is right." : "The signature is wrong: \(verdict).",
                explanation.isValid ? "签名正确。" : "签名错误：\(verdict)。")
        ]
        if !shown.isEmpty {
            lines.append(console.texts("What must be signed (\\n is a newline):", "应签名的内容（\\n 表示换行符）："))
            lines.append("  " + shown)
        }
        if let age = explanation.age, age.magnitude > 300 {
            lines.append(
                console.texts(
                    "Its timestamp is \(age.magnitude) s \(age > 0 ? "old" : "ahead"); WeChat accepts 300 s.",
                    "其时间戳比当前时间\(age > 0 ? "早" : "晚")\(age.magnitude)秒；微信支付只接受300秒以内的请求。"))
        }
        console.result(answer, lines: lines)
    }
}
