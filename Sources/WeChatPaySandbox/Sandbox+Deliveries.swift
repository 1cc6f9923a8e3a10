import Foundation
import HTTPTypes
import Logging
import PaymentPrimitives
import Synchronization
import WeChatPay

extension Sandbox {
    /// Says how notifications are sent from now on; `nil`: they are kept and not sent.
    public func setDeliver(_ deliver: Deliver?) {
        shared.withLock { $0.deliver = deliver }
    }

    /// The request of one delivery, signed now: for a test that alters it, or sends it itself.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`.
    public func notification(deliveryID: String) throws -> TransportRequest {
        try notification(delivery(deliveryID))
    }

    /// Sends a notification once more, whether it was received or not. A success ends the schedule, a failure does not touch it.
    ///
    /// - Throws: ``SandboxError`` with code `notFound`, or `invalidArgument` when there is nothing to send with.
    @discardableResult
    public func resend(deliveryID: String) async throws -> Delivery {
        let delivery = try delivery(deliveryID)
        guard let deliver = shared.withLock({ $0.deliver }) else {
            throw SandboxError(.invalidArgument, "this sandbox was made without a way to deliver")
        }
        await attempt(delivery, with: deliver, isResend: true)
        return try self.delivery(deliveryID)
    }

    /// Sends a valid notification of a payment that never was, and returns how that went.
    ///
    /// - Parameters:
    ///   - mchid: the merchant to address.
    ///   - eventType: `TRANSACTION.SUCCESS`.
    ///   - notifyURL: where to send it; the rules for `notify_url` apply.
    /// - Throws: ``SandboxError`` with code `notFound` or `invalidArgument`.
    @discardableResult
    public func trigger(mchid: String, eventType: String, notifyURL: String) async throws -> Delivery {
        let deliver = shared.withLock { $0.deliver }
        let delivery = try update { engine, moment in
            let delivery = try engine.trigger(mchid: mchid, eventType: eventType, notifyURL: notifyURL, at: moment)
            if deliver != nil { engine.inFlight.insert(delivery.id) }
            return delivery
        }
        guard let deliver else { return delivery }
        await attempt(delivery, with: deliver)
        return try self.delivery(delivery.id)
    }

    /// Sends what is due now, in due order, and waits for the answers.
    public func deliverDue() async {
        while !Task.isCancelled, let deliver = shared.withLock({ $0.deliver }) {
            runScheduled()
            let due = takeDue(earliestOnly: true)
            guard !due.isEmpty else { return }
            await withTaskGroup(of: Void.self) { group in
                for delivery in due { group.addTask { await self.attempt(delivery, with: deliver) } }
            }
        }
    }

    /// Does what the platform itself has to do, so that its notifications are among those that are due.
    private func runScheduled() {
        do {
            try update { _, _ in }
        } catch {
            logger?.error("the sandbox cannot store its state", metadata: ["error": "\(error)"])
        }
    }

    private func takeDue(earliestOnly: Bool) -> [Delivery] {
        shared.withLock { shared in
            shared.engine.takeDue(at: shared.engine.moment(clock.now).business, earliestOnly: earliestOnly)
        }
    }

    /// After a payment: lets the loop know, or sends at once where there is none.
    func deliverSoon() async {
        if let wake = shared.withLock({ $0.wake }) { wake() } else { await deliverDue() }
    }

    /// Delivers in the background until it is cancelled. A receiver that hangs holds up nobody else.
    ///
    /// - Parameter fallback: how to send, when nothing was given at the start.
    func runDeliveries(fallback: @escaping Deliver) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (deliver, own) = shared.withLock { shared in
            let own = shared.deliver
            shared.deliver = own ?? fallback
            shared.wake = { continuation.yield() }
            return (own ?? fallback, own)
        }
        defer {
            shared.withLock { shared in
                shared.deliver = own
                shared.wake = nil
            }
        }
        try await withThrowingDiscardingTaskGroup { group in
            // Advancing the clock changes what is due without a wake-up, hence never more than half a second of sleep.
            group.addTask {
                while true {
                    let wait = self.nextDue.map { max(10, $0.milliseconds - self.businessNow.milliseconds) } ?? 500
                    try await self.clock.sleep(until: self.clock.now.advanced(by: .milliseconds(min(wait, 500))))
                    continuation.yield()
                }
            }
            continuation.yield()
            for await _ in stream {
                runScheduled()
                for delivery in takeDue(earliestOnly: false) {
                    group.addTask { await self.attempt(delivery, with: deliver) }
                }
            }
        }
    }

    private func attempt(_ delivery: Delivery, with deliver: Deliver, isResend: Bool = false) async {
        let sentAt = businessNow
        let outcome: DeliveryOutcome
        do {
            let fault = takeFault(on: delivery)
            if fault == .timeoutBefore {
                outcome = DeliveryOutcome(status: nil, error: "a fault rule: the connection broke before anything was sent")
            } else {
                let status = try await deliver(notification(delivery, fault))
                outcome =
                    fault == .timeoutAfter
                    ? DeliveryOutcome(status: nil, error: "a fault rule: the answer \(status) was lost")
                    : DeliveryOutcome(status: status, error: nil)
            }
        } catch {
            // Whoever cancelled us is shutting down: the attempt has not counted, and is made again after the next start.
            if Task.isCancelled { return release(delivery.id) }
            outcome = DeliveryOutcome(status: nil, error: "\(error)")
        }
        do {
            try update(keeping: true) { engine, _ in
                engine.finish(
                    delivery.id, outcome, due: isResend ? sentAt : delivery.nextDue ?? sentAt, sentAt: sentAt,
                    isResend: isResend)
            }
        } catch {
            logger?.error("the sandbox cannot store a delivery", metadata: ["error": "\(error)"])
        }
        release(isResend ? nil : delivery.id)
    }

    /// Ends a delivery's flight, and tells those who wait for quiet.
    private func release(_ id: String?) {
        let waiters = shared.withLock { shared -> [CheckedContinuation<Void, Never>] in
            if let id { shared.engine.inFlight.remove(id) }
            guard shared.engine.inFlight.isEmpty else { return [] }
            defer { shared.idleWaiters = [] }
            return shared.idleWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until no delivery is on its way.
    func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = shared.withLock { shared in
                if shared.engine.inFlight.isEmpty { return true }
                shared.idleWaiters.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func delivery(_ id: String) throws(SandboxError) -> Delivery {
        guard let delivery = shared.withLock({ $0.engine.state.deliveries[id] }) else {
            throw SandboxError(.notFound, "there is no delivery \(id)")
        }
        return delivery
    }

    private func notification(_ delivery: Delivery, _ fault: FaultRule.Action? = nil) throws -> TransportRequest {
        guard let account = platform.accounts[delivery.mchid], let url = URLComponents(string: delivery.notifyURL) else {
            throw SandboxError(.notFound, "merchant \(delivery.mchid) is gone, or its notify_url is not a URL")
        }
        let isXML = delivery.isXML == true
        let body = Array((isXML ? Self.spoiltV2(delivery.body, fault) : delivery.body).utf8)
        let host = url.percentEncodedHost ?? ""
        var headers: HTTPFields = [
            .userAgent: "Mozilla/4.0", .accept: "*/*", WireNames.pragma: "no-cache",
            .contentType: isXML ? "text/xml" : "application/json",
            WireNames.requestID: "\(Hex.upper(random.bytes(24)))-0",
        ]
        if !isXML {
            let key = shared.withLock { $0.engine.rings[account.merchant.mchid]?.notificationKey(random) }
            try sign(&headers, body, with: key, fault)
        }
        return TransportRequest(
            head: HTTPRequest(
                method: .post, scheme: url.scheme, authority: url.port.map { "\(host):\($0)" } ?? host,
                path: url.percentEncodedPath, headerFields: headers),
            body: fault == .truncate ? Array(body.prefix(body.count / 2)) : body)
    }

    /// What a fault makes of the signature within a notification of API v2.
    private static func spoiltV2(_ body: String, _ fault: FaultRule.Action?) -> String {
        switch fault {
        case .noSignature: body.replacing(/<sign>.*<\/sign>\n/, with: "")
        case .wrongSignature: body.replacing(/<nonce_str><!\[CDATA\[/, with: "<nonce_str><![CDATA[x")
        default: body
        }
    }
}
