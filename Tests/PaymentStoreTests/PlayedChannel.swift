import DatabaseHarness
import Logging
import PaymentPrimitives
import PaymentStore
import Payments
import SQLDatabase
import Synchronization

/// A WeChat that keeps refunds, and answers as it is told to.
final class PlayedChannel: PaymentChannel {
    /// What becomes of the next refund that is sent.
    enum Play: Sendable {
        /// Taken, with this status.
        case take(RefundStatus)
        /// Taken, and the answer is lost.
        case answerLost
        /// It never arrives.
        case lost
        case refuse(String, final: Bool)
    }

    private struct State {
        var plays: [Play] = []
        var taken: [String: RefundFacts] = [:]
        var sent: [String] = []
        var asked = 0
        var isDumb = false
        var accounts: [FundsAccount?] = []
        var queryRefusal: String?
        var strangers: Set<String> = []
    }

    private let state = Mutex(State())

    var kind: ChannelKind { .v3 }
    var capabilities: Set<PaymentMethod> { [.miniProgram, .jsapi] }

    /// Plays these for the next refunds; afterwards every one is taken as processing.
    func play(_ plays: Play...) { state.withLock { $0.plays = plays } }
    /// Whether queries get no answer.
    func dumb(_ isDumb: Bool) { state.withLock { $0.isDumb = isDumb } }
    /// Queries are refused for good, with this code.
    func refuseQueries(_ code: String?) { state.withLock { $0.queryRefusal = code } }
    /// The number was used before for an order of another system.
    func giveAway(_ outRefundNo: String) { _ = state.withLock { $0.strangers.insert(outRefundNo) } }
    /// The accounts that refunds were to be paid from, in the order in which they were sent.
    var accounts: [FundsAccount?] { state.withLock { $0.accounts } }
    /// The numbers that were sent, in order.
    var sent: [String] { state.withLock { $0.sent } }
    var asked: Int { state.withLock { $0.asked } }
    var taken: [String] { state.withLock { $0.taken.keys.sorted() } }

    /// The refund goes on at WeChat.
    func move(_ outRefundNo: String, to status: RefundStatus) {
        state.withLock { $0.taken[outRefundNo]?.status = status }
    }

    func facts(_ outRefundNo: String) -> RefundFacts? { state.withLock { $0.taken[outRefundNo] } }

    func refund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        state.withLock { state in
            state.sent.append(refund.outRefundNo)
            state.accounts.append(refund.fundsAccount)
            if state.strangers.contains(refund.outRefundNo) {
                return .refused(code: "INVALID_REQUEST", message: "no", final: true)
            }
            let play = state.plays.isEmpty ? .take(.processing) : state.plays.removeFirst()
            if case .refuse(let code, let final) = play { return .refused(code: code, message: "no", final: final) }
            if let earlier = state.taken[refund.outRefundNo] { return .known(earlier) }
            switch play {
            case .lost: return .unknown("lost")
            case .refuse(let code, let final): return .refused(code: code, message: "no", final: final)
            case .take(let status):
                let facts = Self.facts(refund, status, number: state.taken.count + 1)
                state.taken[refund.outRefundNo] = facts
                return .known(facts)
            case .answerLost:
                state.taken[refund.outRefundNo] = Self.facts(refund, .processing, number: state.taken.count + 1)
                return .unknown("the answer is lost")
            }
        }
    }

    func queryRefund(_ refund: Refund, of payment: Payment) async -> Outcome<RefundFacts> {
        state.withLock { state in
            state.asked += 1
            if state.isDumb { return .unknown("lost") }
            if let code = state.queryRefusal { return .refused(code: code, message: "no", final: true) }
            if state.strangers.contains(refund.outRefundNo) {
                var facts = Self.facts(refund, .success)
                facts.outTradeNo = "somebodyelse"
                facts.transactionID = "4200000000000000000000000000"
                return .known(facts)
            }
            guard let facts = state.taken[refund.outRefundNo] else {
                return .refused(code: ChannelCode.refundNotExist, message: "no", final: true)
            }
            return .known(facts)
        }
    }

    static func facts(_ refund: Refund, _ status: RefundStatus, number: Int = 1) -> RefundFacts {
        var facts = RefundFacts(status: status, outRefundNo: refund.outRefundNo)
        facts.outTradeNo = refund.outTradeNo
        facts.refundID = "50" + refund.paymentID + "-\(number)"
        facts.transactionID = refund.transactionID
        facts.refund = refund.amount.fen
        facts.total = refund.total
        facts.currency = "CNY"
        facts.payerRefund = refund.amount.fen
        facts.settlementRefund = refund.amount.fen
        return facts
    }

    func begin(_ payment: Payment) async -> Outcome<BegunOrder> { .unknown("not played") }
    func handOff(_ payment: Payment) -> Outcome<ClientHandOff> { .unknown("not played") }
    func charge(_ payment: Payment, authCode: Secret) async -> Outcome<Charge> { .unknown("not played") }
    func reverse(_ reference: ChannelReference) async -> Outcome<Void> { .unknown("not played") }
    func query(_ reference: ChannelReference) async -> Outcome<TradeFacts> { .unknown("not played") }
    func close(_ reference: ChannelReference) async -> Outcome<Void> { .unknown("not played") }
    func receive(_ raw: RawNotification) async -> Received { received.withLock { $0 } ?? .rejected("not played") }
    func answer(to notification: RawNotification, _ verdict: NotificationVerdict) -> ChannelAnswer {
        switch verdict {
        case .accepted: ChannelAnswer(status: 204)
        case .rejected: ChannelAnswer(status: 400)
        case .tryAgain: ChannelAnswer(status: 500)
        }
    }
    func refreshKeys() async -> String? { nil }
    func readiness() async -> String? { nil }

    private let received = Mutex<Received?>(nil)

    /// What the next notification says.
    func say(_ what: Received) { received.withLock { $0 = what } }
}

/// One merchant with one channel.
struct PlayedDirectory: MerchantDirectory {
    let channel: PlayedChannel

    func snapshot() -> [String: MerchantContext] {
        [
            "shop1": MerchantContext(
                id: "shop1", mchid: "1900000001", appids: ["wx0000000000000001"], newPayments: .v3, channels: [.v3: channel],
                notifyURLs: [.v3: "https://pay.example.com/notify/v3/shop1"], orderTTL: .seconds(1800))
        ]
    }
}

/// The use cases of refunds over a file, with a played WeChat.
struct RefundFixture: Sendable {
    /// Ids as the server makes them: others are derived from them.
    static let first = "pay_00000000000000000000000001"
    static let second = "pay_00000000000000000000000002"
    static let third = "pay_00000000000000000000000003"

    let store: StoreFixture
    let channel = PlayedChannel()
    let refunds: RefundService

    static func run(_ engine: Engine, _ body: (RefundFixture) async throws -> Void) async throws {
        try await StoreFixture.run(engine) { try await body(RefundFixture($0)) }
    }

    init(_ store: StoreFixture) {
        self.store = store
        refunds = RefundService(
            payments: PaymentService(
                storage: store.storage, directory: PlayedDirectory(channel: channel), clock: store.clock,
                ids: IDGenerator(clock: store.clock, random: SystemRandom()),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, outboxSignal: Signal()))
    }

    var job: RefundJob { RefundJob(refunds: refunds, merchant: "shop1") }

    /// A payment of 100 fen that was paid now.
    @discardableResult
    func paid(_ id: String = RefundFixture.first, reference: String? = nil) async throws -> Payment {
        let payment = store.payment(id, reference: reference)
        _ = try await store.create(payment)
        try await store.book(store.success(payment), on: id)
        return try await refunds.payments.payment(merchant: "shop1", id: id)
    }

    func request(
        _ fen: Int64?, of payment: String = RefundFixture.first, number: String? = nil, key: String? = nil
    ) async throws -> RefundService.Standing {
        var request = NewRefund(merchant: "shop1", paymentID: payment)
        request.amount = fen.map { Money(fen: $0) }
        request.outRefundNo = number
        let idempotency = key.map { PaymentService.Idempotency(client: "erp", key: $0, fingerprint: "\(payment) \(fen ?? 0)") }
        guard case .refund(let standing) = try await refunds.create(request, idempotency: idempotency) else {
            throw PaymentError(.inProgress, "a replay")
        }
        return standing
    }

    func refund(_ id: String) async throws -> Refund { try await refunds.standing(merchant: "shop1", id: id).refund }
    func payment(_ id: String = RefundFixture.first) async throws -> Payment {
        try await refunds.payments.payment(merchant: "shop1", id: id)
    }

    /// Time goes on, and the job does what is due.
    func pass(_ seconds: Int64) async {
        store.clock.advance(by: .seconds(seconds))
        _ = await job.tick(store.clock.now)
    }

    /// The sum of an account, in fen.
    func balance(_ account: LedgerAccount) async throws -> Int64 {
        try await store.integer(
            "SELECT COALESCE(SUM(amount), 0) FROM ledger_entries WHERE account = '\(account.rawValue)'") ?? 0
    }

    func outbox(_ kind: OutboxEvent.Kind) async throws -> Int64? {
        try await store.integer("SELECT COUNT(*) FROM outbox WHERE kind = '\(kind.rawValue)'")
    }

    func notify(_ what: Received) async throws -> Int {
        channel.say(what)
        let service = NotificationService(payments: refunds.payments)
        return try await service.receive(RawNotification(headers: [], body: []), merchant: "shop1", channel: .v3).status
    }

    /// Everything that money depends on.
    func snapshot() async throws -> [String] {
        try await store.database.read { sql in
            try [
                "SELECT id, state, refund_reserved, refunded, refund_count FROM payments ORDER BY id",
                "SELECT id, state, refund_id, amount FROM refunds ORDER BY id", "SELECT COUNT(*) FROM refund_events",
                "SELECT COUNT(*) FROM payment_events", "SELECT COUNT(*) FROM ledger_entries", "SELECT COUNT(*) FROM outbox",
            ].flatMap { query in try sql.query(query).map { row in row.values.map { "\($0)" }.joined(separator: " ") } }
        }
    }
}
