extension Configuration {
    /// What is decided for the shop where it could be decided otherwise.
    struct Policies: Sendable {
        /// How long a payment may stay unpaid, from one minute to seven days. Default 30 minutes.
        let orderTTL: Duration
        /// What becomes of a payment that succeeds after its order was closed. Default `deliver`.
        let lateSuccess: LateSuccess

        enum LateSuccess: String, Sendable, CaseIterable {
            /// It counts as paid and is delivered.
            case deliver
        }

        /// What becomes of a second success for one order. It goes back; there is nothing else to choose yet.
        let doublePayment: DoublePayment

        enum DoublePayment: String, Sendable, CaseIterable {
            /// It is booked, and given back once.
            case refund
        }
    }
}

extension Configuration.Policies {
    enum Key: String, ConfigurationKey {
        case orderTTL = "order_ttl"
        case lateSuccess = "late_success"
        case doublePayment = "double_payment"

        static let later: Set = ["repair"]
    }

    init(_ section: ConfigurationSection<Key>?) {
        orderTTL = section?.optional(.orderTTL, .duration(from: "1m", to: "7d")) ?? .seconds(1800)
        lateSuccess = section?.optional(.lateSuccess, .choice(later: ["refund"])) ?? .deliver
        doublePayment = section?.optional(.doublePayment, .choice()) ?? .refund
    }
}
