import Foundation
import HTTPTypes
import PaymentPrimitives
import WeChatPay

extension Engine {
    /// Writes a notification, to be sent at once. Follows 《支付成功回调通知》.
    @discardableResult
    mutating func notify(
        _ merchant: SandboxMerchant, eventType: String, summary: String, originalType: String, resource: JSONValue,
        notifyURL: String, outTradeNo: String?, at moment: Moment
    ) -> Delivery? {
        let nonce = random.alphanumeric(12)
        guard
            let ciphertext = try? AESGCM.seal(
                resource.serialised(), nonce: nonce, associatedData: originalType, key: merchant.apiV3Key)
        else { return nil }
        let id = Hex32.uuid(random)
        let envelope = JSONValue.record(
            ("id", .string(id)), ("create_time", .time(moment.business)), ("resource_type", "encrypt-resource"),
            ("event_type", .string(eventType)), ("summary", .string(summary)),
            (
                "resource",
                .record(
                    ("original_type", .string(originalType)), ("algorithm", "AEAD_AES_256_GCM"),
                    ("ciphertext", .string(ciphertext)), ("associated_data", .string(originalType)),
                    ("nonce", .string(nonce)))
            ))
        let delivery = Delivery(
            id: id, mchid: merchant.mchid, outTradeNo: outTradeNo, eventType: eventType, notifyURL: notifyURL,
            body: envelope.json, createdAt: moment.business, attempts: [], nextDue: moment.business, isDelivered: false,
            number: nextSequence())
        state.deliveries[id] = delivery
        pending.insert(id)
        isChanged = true
        return delivery
    }

    /// A valid notification of a payment that never was.
    mutating func trigger(
        mchid: String, eventType: String, notifyURL: String, at moment: Moment
    ) throws(SandboxError) -> Delivery {
        guard let merchant = platform.accounts[mchid]?.merchant else {
            throw SandboxError(.notFound, "there is no merchant \(mchid)")
        }
        guard eventType == "TRANSACTION.SUCCESS" else {
            throw SandboxError(.invalidArgument, "event_type \(eventType) cannot be triggered; TRANSACTION.SUCCESS can")
        }
        do throws(Fault) {
            try checkNotifyURL(notifyURL, mchid, moment)
        } catch {
            throw SandboxError(.invalidArgument, "notify_url \(notifyURL): \(error.message)")
        }
        guard let openid = platform.setup.users.first(where: { $0.appid == merchant.appid })?.openid else {
            throw SandboxError(.notFound, "the app \(merchant.appid) has no user")
        }
        var order = SandboxOrder(
            outTradeNo: "TRIGGER" + padded(nextSequence(), 12), mchid: mchid, appid: merchant.appid, tradeType: "JSAPI",
            description: "trigger", attach: nil, notifyURL: notifyURL, total: 1, currency: "CNY", openid: openid, deviceID: nil,
            createdAt: moment.business, timeExpire: nil, tradeState: .success, transactionID: makeTransactionID(moment),
            paidAt: moment.business, bankType: "OTHERS", prepayIDs: [], parameters: "")
        order.subMchid = merchant.subMerchants.first?.subMchid
        guard
            let delivery = notify(
                merchant, eventType: eventType, summary: "支付成功", originalType: "transaction", resource: orderObject(order),
                notifyURL: notifyURL, outTradeNo: nil, at: moment)
        else { throw SandboxError(.invalidSetup, "the API v3 key of merchant \(mchid) cannot encrypt") }
        return delivery
    }

    /// When the next delivery is due that is not being sent already.
    var nextDue: Timestamp? {
        pending.subtracting(inFlight).compactMap { state.deliveries[$0]?.nextDue }.min()
    }

    /// Takes what is due, in due order; with `earliestOnly` just what has been due longest. Each is in flight until
    /// ``finish(_:_:due:sentAt:isResend:)``.
    mutating func takeDue(at business: Timestamp, earliestOnly: Bool) -> [Delivery] {
        var due = pending.subtracting(inFlight).compactMap { state.deliveries[$0] }
            .filter { ($0.nextDue ?? .init(milliseconds: .max)) <= business }
            .sorted { ($0.nextDue ?? $0.createdAt, $0.number) < ($1.nextDue ?? $1.createdAt, $1.number) }
        if earliestOnly { due = due.filter { $0.nextDue == due.first?.nextDue } }
        inFlight.formUnion(due.map(\.id))
        return due
    }

    /// Books how an attempt ended.
    mutating func finish(_ id: String, _ outcome: DeliveryOutcome, due: Timestamp, sentAt: Timestamp, isResend: Bool) {
        if !isResend { inFlight.remove(id) }
        state.deliveries[id]?.record(outcome, due: due, sentAt: sentAt, isResend: isResend)
        if state.deliveries[id]?.nextDue == nil { pending.remove(id) }
        isChanged = true
    }

    /// Deliveries in the order in which they were made.
    func deliveries(mchid: String?, outTradeNo: String?) -> [Delivery] {
        state.deliveries.values
            .filter { (mchid == nil || $0.mchid == mchid) && (outTradeNo == nil || $0.outTradeNo == outTradeNo) }
            .sorted { $0.number < $1.number }
    }
}

/// Identifiers in hexadecimal.
enum Hex32 {
    /// A version 4 UUID in lower case, 36 characters.
    static func uuid(_ random: any RandomSource) -> String {
        var bytes = random.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let text = Hex.lower(bytes)
        var parts: [Substring] = []
        var rest = text[...]
        for width in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(width))
            rest = rest.dropFirst(width)
        }
        return parts.joined(separator: "-")
    }

    /// The `rid` of the app platform's messages: three groups of eight.
    static func rid(_ random: any RandomSource) -> String {
        [Hex.lower(random.bytes(4)), Hex.lower(random.bytes(4)), Hex.lower(random.bytes(4))].joined(separator: "-")
    }
}
