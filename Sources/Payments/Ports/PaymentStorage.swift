import PaymentPrimitives

/// The port to durable storage.
package protocol PaymentStorage: RefundStorage {
    /// Runs `body` in one durable transaction. It may run again, does no I/O of its own, and its result is seen only
    /// after the commit is on disk. When the commit's fate is unknown this throws, and the caller re-reads by key.
    func write<T: Sendable>(
        _ merchant: String, _ body: @escaping @Sendable (any PaymentTransaction) throws -> T
    ) async throws -> T

    func payment(merchant: String, id: String) async throws -> Payment?
    func payments(_ filter: PaymentFilter) async throws -> [Payment]
    /// The transitions of a payment, oldest first.
    func timeline(merchant: String, paymentID: String) async throws -> [PaymentEvent]
    /// The ledger lines of a payment.
    func ledger(merchant: String, paymentID: String) async throws -> [LedgerLine]
    /// Published events after a position, oldest first.
    func events(_ scopes: [MerchantScope], after position: Int64, limit: Int) async throws -> [OutboxEvent]
    /// A merchant's payments whose next question is due, and when the first of the others will be.
    func dueQueries(merchant: String, now: Timestamp, limit: Int) async throws -> (due: [Payment], next: Timestamp?)
    /// Gives positions to committed events that have none; returns how many.
    func publishEvents(limit: Int) async throws -> Int
    /// Whether the database answers.
    func ping() async throws
}

extension PaymentStorage {
    /// Published events of whole merchants.
    package func events(merchants: [String], after position: Int64, limit: Int) async throws -> [OutboxEvent] {
        try await events(merchants.map { MerchantScope($0) }, after: position, limit: limit)
    }
}

/// A transaction, valid inside the body of ``PaymentStorage/write(_:_:)`` only.
package protocol PaymentTransaction: RefundTransaction {
    /// False when the number is taken, or the reference has an open payment.
    func insert(_ payment: Payment) throws -> Bool
    /// The payment, locked, its version increased: the first statement of every unit that decides on it.
    func lock(merchant: String, outTradeNo: String) throws -> Payment?
    func lock(merchant: String, id: String) throws -> Payment?
    /// The open payment of a reference; each sub-merchant of a service provider has references of its own.
    func openPayment(merchant: String, subMchid: String?, reference: String) throws -> Payment?
    func payment(merchant: String, id: String) throws -> Payment?
    func payment(merchant: String, transactionID: String) throws -> Payment?
    /// Writes a locked payment back.
    func save(_ payment: Payment) throws
    func append(_ event: PaymentEvent) throws
    func append(_ entry: LedgerEntry) throws
    /// Appends; an event with the same id is kept as it is.
    func append(_ event: OutboxEvent) throws
    /// True for the one caller that may ask WeChat now: nobody has within `interval`.
    func claimQuery(merchant: String, id: String, now: Timestamp, interval: Duration) throws -> Bool
    /// True for the one job that may work on a due payment: its next question was still at `due`.
    func claimDue(merchant: String, id: String, due: Timestamp, until: Timestamp) throws -> Bool

    func idempotency(client: String, key: String) throws -> IdempotencyRecord?
    func insert(_ record: IdempotencyRecord) throws -> Bool
    func save(_ record: IdempotencyRecord) throws
}

/// Which payments to list; newest first.
package struct PaymentFilter: Sendable {
    package var scopes: [MerchantScope]
    package var outTradeNo: String?
    package var transactionID: String?
    package var openID: String?
    package var reference: String?
    /// Of a service provider's payments, those for one sub-merchant.
    package var subMchid: String?
    package var state: PaymentState?
    package var createdFrom: Timestamp?
    package var createdTo: Timestamp?
    /// Only payments with a smaller id: ids sort by time.
    package var before: String?
    package var limit: Int = 50

    package init(_ scopes: [MerchantScope]) {
        self.scopes = scopes
    }

    package init(merchants: [String]) {
        self.init(merchants.map { MerchantScope($0) })
    }
}

/// What somebody may see of a merchant: all, or of a service provider what concerns certain sub-merchants alone.
package struct MerchantScope: Sendable, Equatable {
    package let merchant: String
    /// Nil for all.
    package let subMchids: [String]?

    package init(_ merchant: String, subMchids: [String]? = nil) {
        self.merchant = merchant
        self.subMchids = subMchids
    }

    /// Whether what belongs to `subMchid` may be seen; what belongs to none only by who sees all.
    package func covers(subMchid: String?) -> Bool {
        guard let subMchids else { return true }
        return subMchid.map(subMchids.contains) ?? false
    }
}

/// A request that must have one effect however often it is sent. Written in the transaction that creates the payment.
package struct IdempotencyRecord: Sendable, Equatable {
    package let client: String
    package let key: String
    /// A digest of the request.
    package let fingerprint: String
    package let merchant: String
    /// The payment that the request made, if it made one.
    package let paymentID: String?
    /// The refund that the request made, if it made one.
    package let refundID: String?
    /// Until then one worker is at it; afterwards another may resume.
    package var leaseUntil: Timestamp
    package let createdAt: Timestamp
    /// The final answer, once there is one.
    package var answer: StoredAnswer?

    package init(
        client: String, key: String, fingerprint: String, merchant: String, paymentID: String?, refundID: String? = nil,
        leaseUntil: Timestamp, createdAt: Timestamp, answer: StoredAnswer? = nil
    ) {
        self.client = client
        self.key = key
        self.fingerprint = fingerprint
        self.merchant = merchant
        self.paymentID = paymentID
        self.refundID = refundID
        self.leaseUntil = leaseUntil
        self.createdAt = createdAt
        self.answer = answer
    }
}

/// An answer that is given again for the same idempotency key.
package struct StoredAnswer: Sendable, Equatable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
