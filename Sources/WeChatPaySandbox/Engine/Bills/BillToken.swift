import PaymentPrimitives

/// What a download address stands for.
struct BillToken: Codable, Sendable, Equatable {
    /// An address works for five minutes of business time.
    static let lifetime = Duration.seconds(300)

    /// Who may download it.
    let mchid: String
    let bill: Bill
    /// Days since 1970-01-01 in Beijing.
    let day: Int64
    let subMchid: String?
    let isCompressed: Bool
    let expiresAt: Timestamp

    enum Bill: Codable, Sendable, Equatable {
        case trade(TradeBill.Kind)
        case fundFlow(FundFlowBill.Account)
    }
}
