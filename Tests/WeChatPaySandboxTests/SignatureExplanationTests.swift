import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("The explanation of a signature")
struct SignatureExplanationTests {
    private func signers(_ caller: Caller) -> [SignatureExplanation.Signer] {
        [
            .certificate(pem: caller.merchant.certificatePEM), .privateKey(pem: caller.merchant.privateKeyPEM),
            .merchant(of: .standard),
        ]
    }

    @Test("A right signature holds, with the text that was signed and its age, however old it is")
    func valid() throws {
        let caller = try makeSandbox()
        let request = try caller.request("POST", "/v3/x?a=1", "{\"a\":1}")
        caller.clock.advance(by: .seconds(86_400))
        for signer in signers(caller) {
            let explanation = try SignatureExplanation.explain(request, signer: signer, clock: caller.clock)
            #expect(explanation.isValid)
            #expect(explanation.cause == nil)
            #expect(explanation.age == 86_400)
            let stamp = caller.clock.now.seconds - 86_400
            let text = "POST\n/v3/x?a=1\n\(stamp)\n0123456789ABCDEF0123456789abcdef\n{\"a\":1}\n"
            #expect(String(decoding: explanation.message, as: UTF8.self) == text)
        }
    }

    @Test("The usual mistakes are named")
    func causes() throws {
        let caller = try makeSandbox()
        let cases: [(Caller.Defect, String)] = [
            (.init(message: { String($0.dropLast()) }), "no_last_newline"),
            (.init(path: { String($0.prefix { $0 != "?" }) }), "path_without_query"),
            (.init(body: { _ in "" }), "body_not_signed"),
            (.init(body: { _ in "{\"a\": 1}" }), "body_reserialised"), (.init(signature: { _ in "%" }), "signature_not_base64"),
            (.init(header: { _ in nil }), "no_authorization"),
            (.init(header: { $0.replacing(",", with: ", ") }), "authorization_format"),
            (.init(timestamp: { String($0 * 1000) }), "timestamp_in_milliseconds"),
            (.init(timestamp: { _ in "soon" }), "authorization_fields"),
        ]
        for (defect, code) in cases {
            let request = try caller.request("POST", "/v3/x?a=1", "{\"a\":1}", defect: defect)
            for signer in signers(caller) {
                let explanation = try SignatureExplanation.explain(request, signer: signer, clock: caller.clock)
                #expect(!explanation.isValid)
                #expect(explanation.cause?.code == code, "\(code): \(signer)")
            }
        }
    }

    @Test("Another serial than the certificate's is named; a sandbox's setup knows whose key it was")
    func keys() throws {
        let caller = try makeSandbox()
        let other = caller.sandbox.merchants[1]
        let request = try caller.request("GET", "/v3/x", defect: .init(serial: { _ in other.serialNo }))
        let byCertificate = try SignatureExplanation.explain(request, signer: .certificate(pem: caller.merchant.certificatePEM))
        #expect(byCertificate.cause?.code == "unknown_serial")
        #expect(byCertificate.cause?.english.contains(caller.merchant.serialNo) == true)
        let bySetup = try SignatureExplanation.explain(request, signer: .merchant(of: .standard))
        #expect(bySetup.cause?.code == "serial_of_another_merchant")
        let foreign = try caller.request("GET", "/v3/x", defect: .init(key: { _ in other.privateKeyPEM }))
        #expect(
            try SignatureExplanation.explain(foreign, signer: .merchant(of: .standard)).cause?.code == "key_of_another_merchant")
        #expect(
            try SignatureExplanation.explain(foreign, signer: .privateKey(pem: other.privateKeyPEM)).isValid)
    }

    @Test("A key that cannot be read is an error and no explanation")
    func unreadable() throws {
        let request = try makeSandbox().request("GET", "/v3/x")
        for signer in [SignatureExplanation.Signer.certificate(pem: "x"), .privateKey(pem: "x")] {
            #expect(throws: SandboxError(.invalidArgument, "")) { try SignatureExplanation.explain(request, signer: signer) }
        }
    }
}
