import HTTPTypes
import Logging
import PaymentPrimitives
import Synchronization
import WeChatPay

extension Sandbox {
    /// Answers a request of API v2.
    func replyV2(
        to request: TransportRequest, _ call: Call, _ path: V2Path, isSandboxNew: Bool, _ certificate: ClientCertificate
    ) -> Reply {
        let wire = clock.now
        let found = shared.withLock { shared in
            shared.engine.openV2(
                call, path, isSandboxNew: isSandboxNew, certificate, shared.engine.moment(wire))
        }
        // What is refused before anything was done is not touched: it would hide the mistake.
        let fault =
            found.fault == nil ? takeFault(on: .answer, path: request.head.path, mchid: found.claimedMchid, wire) : nil
        let answer = answerV2(found, fault, wire)
        let requestID = "\(Hex.upper(random.bytes(24)))-\(answer.number)"
        record(request, call, found.claimedMchid, found.cause, answer, requestID, fault, wire)
        var head = HTTPResponse(status: .init(code: answer.status), headerFields: Self.commonHeaders)
        head.headerFields[.contentType] = answer.contentType
        head.headerFields[WireNames.requestID] = requestID
        return Reply(head: head, body: answer.body, ending: fault?.ending ?? .whole)
    }

    private func answerV2(_ found: V2Authentication, _ fault: FaultRule.Action?, _ wire: Timestamp) -> Answer {
        guard let request = found.request else {
            return shared.withLock { $0.engine.writeV2(.failure(found.fault ?? .signature), for: nil) }
        }
        if fault == .timeoutBefore { return Answer(status: 0) }
        if let instead = fault?.answerInstead {
            // API v2 says it with HTTP 200.
            let refusal = V2Fault(Fault(200, instead.code ?? "SYSTEM_ERROR", "沙箱按故障规则返回的错误", number: 0))
            return shared.withLock { $0.engine.writeV2(.failure(refusal), for: request) }
        }
        do {
            return try update(wire) { engine, moment in
                let result: Result<V2Answer, V2Fault>
                do throws(V2Fault) {
                    result = .success(try engine.answerV2(request, moment))
                } catch {
                    result = .failure(error)
                }
                return engine.writeV2(result, for: request, fault)
            }
        } catch {
            logger?.error("the sandbox cannot store its state", metadata: ["error": "\(error)"])
            return shared.withLock { $0.engine.writeV2(.failure(V2Fault(.systemError)), for: request) }
        }
    }
}
