import PaymentPrimitives

/// What became of an earlier request under the same idempotency key.
enum EarlierRequest: Sendable {
    /// It was answered.
    case answered(StoredAnswer)
    /// Its worker gave up or died: this one goes on with what that one made.
    case unfinished(IdempotencyRecord)
}

extension PaymentTransaction {
    /// Looks an idempotency key up, and takes the lease on a request that nobody finishes. Nil when the key is new.
    ///
    /// - Throws: ``PaymentError`` `.idempotencyKeyReused`, `.inProgress`.
    func earlierRequest(_ idempotency: PaymentService.Idempotency, now: Timestamp) throws -> EarlierRequest? {
        guard var record = try self.idempotency(client: idempotency.client, key: idempotency.key) else { return nil }
        guard record.fingerprint == idempotency.fingerprint else {
            throw PaymentError(
                .idempotencyKeyReused, "this Idempotency-Key was used with another request; take a new key")
        }
        if let answer = record.answer { return .answered(answer) }
        guard record.leaseUntil <= now else {
            throw PaymentError(.inProgress, "the same request is being worked on; send it again in a few seconds")
        }
        record.leaseUntil = now.advanced(by: PaymentService.lease)
        try save(record)
        return .unfinished(record)
    }

    /// Puts an idempotency key down, with what was made under it.
    ///
    /// - Throws: ``PaymentError`` `.inProgress` when another worker was faster.
    func keep(
        _ idempotency: PaymentService.Idempotency, merchant: String, paymentID: String? = nil, refundID: String? = nil,
        now: Timestamp
    ) throws {
        let inserted = try insert(
            IdempotencyRecord(
                client: idempotency.client, key: idempotency.key, fingerprint: idempotency.fingerprint, merchant: merchant,
                paymentID: paymentID, refundID: refundID, leaseUntil: now.advanced(by: PaymentService.lease), createdAt: now))
        guard inserted else { throw PaymentError(.inProgress, "the same request is being worked on; send it again") }
    }
}
