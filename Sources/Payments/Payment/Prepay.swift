import PaymentPrimitives

/// What WeChat gives when it takes an order, and what the payer cannot pay without.
package struct Prepay: Sendable, Equatable {
    package let kind: Kind
    /// The `prepay_id`, or the URL.
    package let text: String
    /// Since when we have it.
    package let since: Timestamp

    package init(kind: Kind, text: String, since: Timestamp) {
        self.kind = kind
        self.text = text
        self.since = since
    }

    /// In WeChat's words.
    package enum Kind: String, Sendable, CaseIterable {
        case prepayID = "prepay_id"
        case codeURL = "code_url"
        case h5URL = "h5_url"

        /// WeChat lets a prepay_id and a code_url live for two hours and a h5_url for five minutes. It is renewed a
        /// little before, so that the payer has time to type.
        package var lifetime: Duration {
            switch self {
            case .prepayID, .codeURL: .seconds(110 * 60)
            case .h5URL: .seconds(4 * 60)
            }
        }
    }

    /// Whether it can still be handed out.
    package func isFresh(at now: Timestamp) -> Bool { now < since.advanced(by: kind.lifetime) }
}

extension Payment {
    /// The text of the QR code that the payer scans.
    ///
    /// - Parameter renewal: what whoever asks does to get a fresh one; nil for a client of `/v1`.
    /// - Throws: ``PaymentError`` `.notFound` for any other method than `native`; `.wrongState` when it cannot be paid any
    ///   more, or its code has grown old.
    package func codeToScan(at now: Timestamp, renewal: String? = nil) throws(PaymentError) -> String {
        guard method == .native else {
            throw PaymentError(.notFound, "only a native payment has a code to scan; this one is \(method.rawValue)")
        }
        guard state.isOpen, now < expiresAt else {
            throw PaymentError(.wrongState, "there is nothing to pay any more: the payment is \(state.rawValue)")
        }
        guard let prepay, prepay.isFresh(at: now) else {
            throw PaymentError(.wrongState, "the payment has no fresh code_url; \(renewal ?? howToRenew)")
        }
        return prepay.text
    }

    /// An answered key gives the answer of then. Only a reference leads a new key to the open payment.
    private var howToRenew: String {
        reference == nil
            ? "without a reference it cannot be renewed: close the payment and make another one"
            : "send the payment again with a new Idempotency-Key and the same reference"
    }
}
