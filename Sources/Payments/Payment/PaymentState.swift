/// Where a payment stands. States only move forward: `created < pending < user_paying < closed, failed < paid`.
///
/// `paid` is final; money that goes back is a refund. `closed → paid` is a late success: WeChat took the money before
/// the close reached it.
package enum PaymentState: String, Sendable, CaseIterable {
    /// On disk; WeChat may or may not know the number yet.
    case created
    /// WeChat knows the order and nobody has paid.
    case pending
    /// The payer is being asked for a password (付款码).
    case userPaying = "user_paying"
    /// Closed unpaid, here and at WeChat.
    case closed
    /// WeChat refused it for good; no money moved.
    case failed
    /// WeChat attests that the money was paid.
    case paid

    /// Whether somebody may still pay it in the ordinary way.
    package var isOpen: Bool {
        switch self {
        case .created, .pending, .userPaying: true
        case .closed, .failed, .paid: false
        }
    }

    /// The open states, for queries.
    package static let open = allCases.filter(\.isOpen)
}
