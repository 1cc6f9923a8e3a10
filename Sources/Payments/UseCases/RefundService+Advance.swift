import Logging
import PaymentPrimitives

extension RefundService {
    /// What came of one step.
    struct Step: Sendable {
        let standing: Standing
        /// Whether WeChat gave an answer that can be trusted.
        let isAnswered: Bool
    }

    /// Does what is next for a refund: sends it, or asks for it. For who has entered ``inFlight``.
    ///
    /// - Throws: ``PaymentError``; ``Refusal`` when WeChat's answer does not fit the refund.
    func advance(_ refund: Refund) async throws -> Step {
        let payment = try await payments.payment(merchant: refund.merchant, id: refund.paymentID)
        let channel = try payments.channel(for: payment)
        switch refund.state {
        case .closed, .succeeded: return Step(standing: Standing(refund: refund, payment: payment), isAnswered: true)
        case .processing, .abnormal: return try await ask(refund, payment, channel)
        // This server did not make it, and never sends it.
        case .created where refund.kind == .external: return try await ask(refund, payment, channel)
        // It was sent and nobody knows what came of it. The same number may be sent again, but an answer is worth more.
        case .created where refund.tryCount > 0:
            if case .known(let facts) = await channel.queryRefund(refund, of: payment) {
                return Step(standing: try await record(.known(facts), source: .query, on: refund), isAnswered: true)
            }
            return try await send(refund, payment, channel)
        case .created, .waitingForFunds: return try await send(refund, payment, channel)
        }
    }

    private func send(_ refund: Refund, _ payment: Payment, _ channel: any PaymentChannel) async throws -> Step {
        switch await channel.refund(refund, of: payment) {
        case .known(let facts):
            return Step(standing: try await record(.known(facts), source: .refund, on: refund), isAnswered: true)
        case .refused(ChannelCode.notEnough, _, _):
            return Step(standing: try await record(.notEnough, source: .refund, on: refund), isAnswered: true)
        case .refused(let code, let message, final: true):
            return try await close(refund, payment, channel, code: code, message: message)
        case .refused(let code, let message, _):
            logger.info(
                "refund not taken for now: \(message)", metadata: ["refund": "\(refund.id)", "code": "\(code)"])
            return Step(standing: try await postpone(refund, atLeast: RefundSchedule.pause), isAnswered: true)
        case .unknown(let why):
            logger.warning("refund without an answer: \(why)", metadata: ["refund": "\(refund.id)"])
            return Step(standing: try await postpone(refund), isAnswered: false)
        }
    }

    /// WeChat refused for good. Whether an earlier attempt was taken, whose answer was lost, WeChat is asked before the
    /// money is promised to anybody else.
    private func close(
        _ refund: Refund, _ payment: Payment, _ channel: any PaymentChannel, code: String, message: String
    ) async throws -> Step {
        logger.warning("refund refused: \(message)", metadata: ["refund": "\(refund.id)", "code": "\(code)"])
        switch await channel.queryRefund(refund, of: payment) {
        case .known(let facts):
            return Step(standing: try await record(.known(facts), source: .query, on: refund), isAnswered: true)
        // Only this says that it was not taken: a merchant that lost a permission gets the same refusal for both.
        case .refused(ChannelCode.refundNotExist, _, _):
            return Step(standing: try await record(.refused(code: code), source: .refund, on: refund), isAnswered: true)
        case .refused, .unknown: return Step(standing: try await postpone(refund), isAnswered: false)
        }
    }

    private func ask(_ refund: Refund, _ payment: Payment, _ channel: any PaymentChannel) async throws -> Step {
        switch await channel.queryRefund(refund, of: payment) {
        case .known(let facts):
            return Step(standing: try await record(.known(facts), source: .query, on: refund), isAnswered: true)
        case .refused(ChannelCode.refundNotExist, _, _):
            logger.critical("WeChat does not know a refund that it took", metadata: ["refund": "\(refund.id)"])
            return Step(standing: try await postpone(refund), isAnswered: true)
        case .refused(let code, let message, _):
            logger.warning("refund query refused: \(message)", metadata: ["refund": "\(refund.id)", "code": "\(code)"])
            return Step(standing: try await postpone(refund), isAnswered: true)
        case .unknown(let why):
            logger.warning("refund query without an answer: \(why)", metadata: ["refund": "\(refund.id)"])
            return Step(standing: try await postpone(refund), isAnswered: false)
        }
    }
}
