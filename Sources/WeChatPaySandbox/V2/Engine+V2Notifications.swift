import Crypto
import CryptoExtras
import Foundation
import PaymentPrimitives

extension Engine {
    /// Writes the notification of a payment, signed as the order was. Follows 《支付结果通知》.
    mutating func notifyPaidV2(
        _ order: SandboxOrder, _ terms: V2Terms, _ merchant: SandboxMerchant, _ url: String, _ moment: Moment
    ) {
        var notice = V2Document()
        notice.add("return_code", "SUCCESS")
        notice.add("appid", order.appid)
        notice.add("mch_id", order.mchid)
        notice.add("sub_appid", order.subAppid)
        notice.add("sub_mch_id", order.subMchid)
        notice.add("device_info", terms.deviceInfo)
        notice.add("nonce_str", random.alphanumeric(32))
        notice.add("result_code", "SUCCESS")
        notice.add(paymentV2(order, listsCoupons: true))
        notice.add("sign", terms.signType.sign(notice.pairs, key: merchant.v2Key(terms.isSandboxNew)))
        send(notice, "TRANSACTION.SUCCESS", merchant, url, order.outTradeNo, moment)
    }

    /// Writes the notification of a refund: no signature, but a part that only the merchant can read. Follows
    /// 《退款结果通知》.
    mutating func notifyRefundV2(_ refund: SandboxRefund, _ merchant: SandboxMerchant, _ url: String, _ moment: Moment) {
        var inner = V2Document()
        inner.add("out_refund_no", refund.outRefundNo)
        inner.add("out_trade_no", refund.outTradeNo)
        inner.add("refund_account", refund.accountV2)
        inner.add("refund_fee", refund.refund)
        inner.add("refund_id", refund.refundID)
        inner.add("refund_recv_accout", refund.receivedAccountV2)
        inner.add("refund_request_source", refund.isFromConsole ? "VENDOR_PLATFORM" : "API")
        inner.add("refund_status", refund.statusV2)
        inner.add("settlement_refund_fee", refund.settledPartV2)
        inner.add("settlement_total_fee", refund.settlementTotal)
        inner.add("success_time", refund.successTime.map(BillText.time))
        inner.add("total_fee", refund.total)
        inner.add("transaction_id", refund.transactionID)
        let order = state.orders[refund.orderKey]
        let key = merchant.v2Key(order?.v2?.isSandboxNew ?? false)
        guard let sealed = Self.sealedV2(inner.bytes(root: "root"), key: key) else { return }
        var notice = V2Document()
        notice.add("return_code", "SUCCESS")
        notice.add("appid", merchant.appid)
        notice.add("mch_id", merchant.mchid)
        notice.add("sub_appid", order?.subAppid)
        notice.add("sub_mch_id", refund.subMchid)
        notice.add("nonce_str", random.alphanumeric(32))
        notice.add("req_info", sealed)
        send(notice, "REFUND.\(refund.status.rawValue)", merchant, url, refund.outTradeNo, moment)
    }

    /// AES-256-ECB with PKCS#7 in Base64; the key is the API key's MD5 in lower-case hexadecimal letters.
    static func sealedV2(_ plain: [UInt8], key: String) -> String? {
        let key = SymmetricKey(data: Data(Hex.lower(Insecure.MD5.hash(data: Data(key.utf8))).utf8))
        let padding = 16 - plain.count % 16
        let padded = plain + [UInt8](repeating: UInt8(padding), count: padding)
        var sealed: [UInt8] = []
        for start in stride(from: 0, to: padded.count, by: 16) {
            var block = Array(padded[start..<start + 16])
            do { try AES.permute(&block, key: key) } catch { return nil }
            sealed += block
        }
        return Data(sealed).base64EncodedString()
    }

    private mutating func send(
        _ notice: V2Document, _ eventType: String, _ merchant: SandboxMerchant, _ url: String, _ outTradeNo: String,
        _ moment: Moment
    ) {
        let id = Hex32.uuid(random)
        state.deliveries[id] = Delivery(
            id: id, mchid: merchant.mchid, outTradeNo: outTradeNo, eventType: eventType, notifyURL: url, body: notice.text(),
            createdAt: moment.business, attempts: [], nextDue: moment.business, isDelivered: false, isXML: true,
            number: nextSequence())
        pending.insert(id)
        isChanged = true
    }
}
