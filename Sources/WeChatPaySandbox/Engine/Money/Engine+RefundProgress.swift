import CryptoExtras
import Foundation
import HTTPTypes
import PaymentPrimitives

extension Engine {
    /// `GET /v3/refund/domestic/refunds/{out_refund_no}`, 《查询单笔退款（通过商户退款单号）》.
    func queryRefund(_ number: String, _ call: Call, _ merchant: SandboxMerchant) throws(Fault) -> Answer {
        try checkPath(number, RefundRules.outRefundNo)
        let subMchid = try subMerchant(call.query["sub_mchid"], merchant, location: "query")
        guard let refund = state.money.refunds[SandboxRefund.key(merchant.mchid, number)] else { throw .refundNotExist }
        guard refund.subMchid == subMchid else { throw .noAuthority }
        return .ok(refund.object)
    }

    /// The money of a refund arrives, or does not.
    mutating func finishRefund(_ key: String, _ moment: Moment) {
        state.money.refundsDue[key] = nil
        guard let refund = state.money.refunds[key], refund.status == .processing else { return }
        let outcome = state.money.plannedOutcomes.removeValue(forKey: key) ?? .success
        switch outcome {
        case .success: arrive(refund, moment)
        case .closed: close(refund, moment)
        // The money stays on its way until somebody says where else it shall go.
        case .abnormal: break
        }
        change(refund, to: SandboxRefund.Status(outcome), moment)
    }

    private mutating func arrive(_ refund: SandboxRefund, _ moment: Moment) {
        guard let wallet = state.orders[refund.orderKey]?.wallet else { return }
        state.money.ledger.post(
            .refundArrived, refund.subject,
            [
                .init(from: .refunding, to: refund.rerouting == nil ? wallet : .bank, fen: refund.payerRefund),
                // What 充值券 have paid goes back to their pool; the user does not get the coupon again.
                .init(from: .refunding, to: .coupons, fen: refund.settlementRefund - refund.payerRefund),
            ], at: moment.business)
    }

    private mutating func close(_ refund: SandboxRefund, _ moment: Moment) {
        let funds = LedgerAccount.funds(refund.fundsAccount, refund.payee)
        state.money.ledger.post(
            .refundClosed, refund.subject, [.init(from: .refunding, to: funds, fen: refund.settlementRefund)],
            at: moment.business)
        state.money.ledger.post(
            .feeTakenAgain, refund.subject, [.init(from: funds, to: .fees, fen: refund.feeRefund)], at: moment.business)
        guard refund.fundsAccount == .unsettled else { return }
        if let order = state.orders[refund.orderKey] {
            noteReturn(of: refund.feeRefund - refund.settlementRefund, order, moment)
        }
        scheduleSettlement(moment)
    }

    private mutating func change(_ refund: SandboxRefund, to status: SandboxRefund.Status, _ moment: Moment) {
        var refund = refund
        refund.changes.append(.init(status: status, at: moment.business))
        state.money.refunds[refund.key] = refund
        isChanged = true
        guard let url = refund.notifyURL, let merchant = platform.accounts[refund.mchid]?.merchant else { return }
        if refund.isFromV2 == true { return notifyRefundV2(refund, merchant, url, moment) }
        let summaries: [SandboxRefund.Status: String] = [.success: "退款成功", .abnormal: "退款异常", .closed: "退款关闭"]
        notify(
            merchant, eventType: "REFUND.\(status.rawValue)", summary: summaries[status] ?? status.rawValue,
            originalType: "refund", resource: refund.notice, notifyURL: url, outTradeNo: refund.outTradeNo, at: moment)
    }

    /// Decides how a refund ends that is on its way or still to come, or a merchant's next one (`nil`).
    mutating func setRefundOutcome(
        mchid: String, outRefundNo: String?, _ outcome: RefundOutcome
    ) throws(SandboxError) {
        guard platform.accounts[mchid] != nil else { throw SandboxError(.notFound, "there is no merchant \(mchid)") }
        if let outRefundNo {
            let key = SandboxRefund.key(mchid, outRefundNo)
            if let status = state.money.refunds[key]?.status, status == .success || status == .closed {
                throw SandboxError(.invalidArgument, "refund \(outRefundNo) is \(status) already")
            }
            state.money.plannedOutcomes[key] = outcome
        } else {
            state.money.nextOutcomes[mchid] = outcome
        }
        isChanged = true
    }
}

// MARK: Abnormal refunds

extension Engine {
    /// `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`, 《发起异常退款》.
    mutating func applyAbnormalRefund(
        _ refundID: String, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(refundID, RefundRules.refundID)
        let body = try checkedBody(call, RefundRules.abnormal, merchant, moment)
        let subMchid = try subMerchant(body["sub_mchid"]?.string, merchant)
        guard var refund = state.money.refundIDs[refundID].flatMap({ state.money.refunds[$0] }) else {
            throw .refundNotExist
        }
        guard refund.mchid == merchant.mchid, refund.subMchid == subMchid else { throw .noAuthority }
        guard refund.outRefundNo == body["out_refund_no"]?.string else {
            throw .invalidRequest("微信支付退款单号与商户退款单号不是同一笔退款", number: 268_449_557)
        }
        let rerouting = try rerouting(body, call, merchant)
        // Said once more what has been said: the same answer.
        if refund.rerouting == rerouting, refund.status != .abnormal { return .ok(refund.object) }
        guard refund.status == .abnormal else {
            throw .invalidRequest("退款单状态不是退款异常，不能发起异常退款", number: 268_449_558)
        }
        refund.rerouting = rerouting
        refund.changes.append(.init(status: .processing, at: moment.business))
        state.money.refunds[refund.key] = refund
        state.money.refundsDue[refund.key] = moment.business.advanced(by: SandboxRefund.processingTime)
        isChanged = true
        return .ok(refund.object)
    }

    private func rerouting(
        _ body: JSONValue, _ call: Call, _ merchant: SandboxMerchant
    ) throws(Fault) -> SandboxRefund.Rerouting {
        let type = body["type"]?.string ?? ""
        switch type {
        case "MERCHANT_BANK_CARD": return .init(type: type, receivedAccount: "商户银行账户")
        case "USER_BANK_CARD":
            for name in ["bank_type", "bank_account", "real_name"] where body[name] == nil {
                throw .parameter(
                    "异常退款至用户银行卡时，\(name)为必填项", field: "/\(name)", issue: "required for USER_BANK_CARD")
            }
            let account = try opened(body, "bank_account", call, merchant)
            _ = try opened(body, "real_name", call, merchant)
            return .init(type: type, receivedAccount: (body["bank_type"]?.string ?? "") + account.suffix(4))
        default:
            throw .parameter(
                "无法将JSON输入源“/body/type”映射到目标字段“异常退款处理方式”中，此字段需要一个合法的枚举值", field: "/type",
                value: .string(type), issue: "not a documented value")
        }
    }

    /// Decrypts a sensitive field, RSA-OAEP with SHA-1, with the key that `Wechatpay-Serial` names. Follows 《敏感信息加解密》.
    private func opened(
        _ body: JSONValue, _ name: String, _ call: Call, _ merchant: SandboxMerchant
    ) throws(Fault) -> String {
        guard let pem = decryptionKey(call.headers[WireNames.serial], merchant) else {
            throw .parameter(
                "请求中含有敏感信息字段，Http头Wechatpay-Serial必须为加密所用的微信支付公钥ID或平台证书序列号", field: "/\(name)",
                issue: "Wechatpay-Serial does not name the key of the encrypted fields")
        }
        guard let sealed = (body[name]?.string).flatMap({ Data(base64Encoded: $0) }),
            let key = try? _RSA.Encryption.PrivateKey(pemRepresentation: pem),
            let plain = try? key.decrypt(sealed, padding: .PKCS1_OAEP), let text = String(bytes: plain, encoding: .utf8)
        else {
            throw .parameter("敏感信息字段解密失败", field: "/\(name)", issue: "cannot be decrypted with RSA-OAEP and SHA-1")
        }
        return text
    }

    /// The private half of the public key or of a certificate that is in use, PEM.
    private func decryptionKey(_ serial: String?, _ merchant: SandboxMerchant) -> String? {
        if serial == merchant.publicKeyID { return merchant.publicKeyPrivatePEM }
        return rings[merchant.mchid]?.certificates.first { $0.key.serial == serial }?.privateKeyPEM
    }
}

extension SandboxRefund.Status {
    fileprivate init(_ outcome: RefundOutcome) {
        switch outcome {
        case .success: self = .success
        case .abnormal: self = .abnormal
        case .closed: self = .closed
        }
    }
}
