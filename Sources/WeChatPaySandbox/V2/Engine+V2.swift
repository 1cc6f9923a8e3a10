import HTTPTypes
import PaymentPrimitives
import WeChatPayV2

extension Engine {
    /// Reads a request of API v2 and finds out whose it is: method, document, identity, signature, in this order.
    mutating func openV2(
        _ call: Call, _ path: V2Path, isSandboxNew: Bool, _ certificate: ClientCertificate, _ moment: Moment
    ) -> V2Authentication {
        var found = V2Authentication()
        do throws(V2Fault) {
            let needsCertificate = path.needsCertificate && !isSandboxNew
            if needsCertificate, certificate == .none { throw .noCertificate }
            guard call.method == .post else { throw .requirePost }
            let fields = try Self.documentV2(call.body)
            found.claimedMchid = fields["mch_id"]
            func field(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
            guard let mchid = field("mch_id"), field("nonce_str") != nil, let sign = field("sign"),
                !path.needsAppid || field("appid") != nil
            else { throw .lacksParameter }
            guard let merchant = platform.accounts[mchid]?.merchant else { throw .noSuchMerchant }
            if let appid = field("appid"), appid != merchant.appid {
                throw platform.knows(appid: appid) ? .appOfAnother : .noSuchApp
            }
            if needsCertificate { try checkV2(certificate, merchant, moment) }
            guard let signType = field("sign_type").map(V2SignType.init(rawValue:)) ?? .md5 else { throw .signature }
            // Its own key cannot be signed for before it is known.
            let key = merchant.v2Key(isSandboxNew && path != .signKey)
            let pairs = fields.elements
            guard constantTimeEqual(Array(signType.sign(pairs, key: key).utf8), Array(sign.utf8)),
                !(isSandboxNew && signType != .md5)
            else {
                found.cause = V2SignatureSearch(
                    pairs: pairs, sign: sign, signType: signType, key: key, others: otherV2Keys(merchant, but: key)
                ).cause()
                throw .signature
            }
            let sub = try subMerchantV2(field("sub_mch_id"), field("sub_appid"), merchant, path)
            found.request = V2Request(
                path: path, fields: fields, merchant: merchant, signType: signType, isSandboxNew: isSandboxNew,
                subMchid: sub?.subMchid, subAppid: field("sub_appid"), origin: call.origin,
                negativeTest: call.headers[WireNames.negativeTest])
        } catch {
            found.fault = error
        }
        return found
    }

    /// The one document of a body.
    private static func documentV2(_ body: [UInt8]) throws(V2Fault) -> XMLFields {
        guard !body.isEmpty else { throw .emptyBody }
        // Characters beyond the first plane begin with such a byte; WeChat does not take them.
        guard String(validating: body, as: UTF8.self) != nil, !body.contains(where: { $0 >= 0xF0 }) else { throw .notUTF8 }
        do { return try XMLReader.read(body) } catch { throw .notXML }
    }

    private mutating func checkV2(
        _ certificate: ClientCertificate, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(V2Fault) {
        switch certificate {
        case .none: throw .noCertificate
        case .merchant(let mchid):
            guard mchid == merchant.mchid else { throw .otherCertificate }
        case .impossible:
            if options.strict { throw .noCertificate }
            log.warn(
                "no_client_certificate", mchid: merchant.mchid,
                "the call needs the client certificate apiclient_cert, which plain HTTP cannot show; use --tls-port",
                at: moment.wire)
        }
    }

    private func subMerchantV2(
        _ subMchid: String?, _ subAppid: String?, _ merchant: SandboxMerchant, _ path: V2Path
    ) throws(V2Fault) -> SandboxMerchant.SubMerchant? {
        guard merchant.role == .partner else {
            if subMchid != nil { throw .noRelation }
            return nil
        }
        guard let subMchid else {
            // What is about the service provider itself.
            if [.downloadBill, .downloadFundFlow, .report, .signKey].contains(path) { return nil }
            throw .lacksParameter
        }
        guard let sub = merchant.subMerchants.first(where: { $0.subMchid == subMchid }) else { throw .noRelation }
        if let subAppid, subAppid != sub.subAppid {
            throw .communication("APPID_MCHID_NOT_MATCH", "sub_mch_id与sub_appid不匹配")
        }
        return sub
    }

    private func otherV2Keys(_ merchant: SandboxMerchant, but key: String) -> [V2SignatureSearch.OtherKey] {
        [
            .init(name: "api_v3_key", key: merchant.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) }),
            .init(name: "api_v2_key", key: merchant.v2Key(false)), .init(name: "sandbox_signkey", key: merchant.sandboxSignKey),
        ].filter { $0.key != key }
            + platform.setup.merchants.filter { $0.mchid != merchant.mchid }
            .map { .init(name: "api_v2_key of merchant \($0.mchid)", key: $0.v2Key(false)) }
    }

    /// The answer to a request whose signature is right.
    mutating func answerV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Answer {
        switch request.path {
        case .unifiedOrder: .document(try unifiedOrder(request, moment))
        case .orderQuery: .document(try orderQueryV2(request, moment))
        case .closeOrder: .document(try closeOrderV2(request, moment))
        case .micropay: .document(try micropay(request, moment))
        case .reverse: .document(try reverseV2(request, moment))
        case .refund: .document(try refundV2(request, moment))
        case .refundQuery: .document(try refundQueryV2(request, moment))
        case .authCodeToOpenid: .document(try openidV2(request, moment))
        case .downloadBill: .file(try downloadBillV2(request, moment))
        case .downloadFundFlow: .file(try fundFlowV2(request, moment))
        case .report: .document(V2Document())
        case .signKey: .document(signKeyV2(request))
        }
    }

    private func signKeyV2(_ request: V2Request) -> V2Document {
        var answer = V2Document()
        answer.add("mch_id", request.merchant.mchid)
        answer.add("sandbox_signkey", request.merchant.sandboxSignKey)
        return answer
    }

    /// An answer as bytes, signed where WeChat signs.
    func writeV2(_ result: Result<V2Answer, V2Fault>, for request: V2Request?, _ fault: FaultRule.Action? = nil) -> Answer {
        var document = V2Document()
        var code: String?
        switch result {
        case .success(.file(let file)): return file
        case .success(.document(let body)):
            document.add("return_code", "SUCCESS")
            document.add("return_msg", "OK")
            guard let request, request.path.isAnswerSigned else {
                document.add(body)
                return Self.xml(document)
            }
            addEnvelope(request, &document)
            document.add("result_code", "SUCCESS")
            document.add(body)
        case .failure(let refusal):
            code = refusal.code
            switch refusal.form {
            case .noCertificate: return Self.noCertificate
            case .communication, .bill:
                document.add("return_code", "FAIL")
                document.add("return_msg", refusal.message)
                if case .bill(let number) = refusal.form { document.add("error_code", number) }
                return Self.xml(document, code)
            case .business:
                document.add("return_code", "SUCCESS")
                document.add("return_msg", "OK")
                if let request, request.path.isAnswerSigned { addEnvelope(request, &document) }
                document.add("result_code", "FAIL")
                document.add("err_code", refusal.code)
                document.add("err_code_des", refusal.message)
                guard let request, request.path.isAnswerSigned else { return Self.xml(document, code) }
            }
        }
        if let request, fault != .noSignature {
            let sign = request.signType.sign(document.pairs, key: request.key)
            document.add("sign", fault == .wrongSignature ? String(sign.reversed()) : sign)
        }
        return Self.xml(document, code)
    }

    private func addEnvelope(_ request: V2Request, _ document: inout V2Document) {
        document.add("appid", request.merchant.appid)
        document.add("mch_id", request.merchant.mchid)
        document.add("sub_appid", request.subAppid)
        document.add("sub_mch_id", request.subMchid)
        document.add("nonce_str", random.alphanumeric(16))
    }

    private static func xml(_ document: V2Document, _ code: String? = nil) -> Answer {
        var answer = Answer(status: 200, body: document.bytes(), contentType: "text/plain; charset=utf-8")
        answer.isSigned = false
        answer.code = code
        return answer
    }

    /// What the server in front of WeChat Pay says.
    private static let noCertificate: Answer = {
        let title = "400 No required SSL certificate was sent"
        let body =
            "<html>\r\n<head><title>\(title)</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n"
            + "<center>No required SSL certificate was sent</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        var answer = Answer(status: 400, body: Array(body.utf8), contentType: "text/html")
        answer.isSigned = false
        answer.code = "NO_CERTIFICATE"
        return answer
    }()
}

/// What was found out about a request of API v2.
struct V2Authentication: Sendable {
    var claimedMchid: String?
    var request: V2Request?
    var fault: V2Fault?
    var cause: SignatureCause?
}

enum V2Answer: Sendable {
    case document(V2Document)
    case file(Answer)
}
