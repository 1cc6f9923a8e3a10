import PaymentPrimitives
import Testing

@Suite("Money")
struct MoneyTests {
    @Test("sums, differences and products are exact")
    func arithmetic() throws {
        #expect(try Money(fen: 1).adding(Money(fen: 2)) == Money(fen: 3))
        #expect(try Money(fen: 1).subtracting(Money(fen: 2)) == Money(fen: -1))
        #expect(try Money(fen: 199).multiplied(by: 3) == Money(fen: 597))
        #expect(try Money(fen: .max).subtracting(Money(fen: .max)) == Money(fen: 0))
    }

    @Test("what does not fit is an error, never a wrong number")
    func overflow() {
        #expect(throws: MoneyError.overflow) { try Money(fen: .max).adding(Money(fen: 1)) }
        #expect(throws: MoneyError.overflow) { try Money(fen: .min).subtracting(Money(fen: 1)) }
        #expect(throws: MoneyError.overflow) { try Money(fen: .max / 2 + 1).multiplied(by: 2) }
        #expect(throws: MoneyError.overflow) { try Money(fen: .min).multiplied(by: -1) }
        #expect(throws: MoneyError.overflow) { try Money(yuan: "92233720368547758.08") }
        #expect(throws: MoneyError.overflow) { try Money(yuan: "99999999999999999999") }
    }

    @Test("currencies do not mix")
    func currencies() {
        let usd = Currency(rawValue: "USD")
        #expect(throws: MoneyError.currencyMismatch(.cny, usd)) { try Money(fen: 1).adding(Money(fen: 1, currency: usd)) }
        #expect(throws: MoneyError.currencyMismatch(usd, .cny)) { try Money(fen: 1, currency: usd).subtracting(Money(fen: 1)) }
        #expect(Money(fen: 1) != Money(fen: 1, currency: usd))
    }

    @Test(
        "yuan are read exactly",
        arguments: [
            ("0", 0), ("0.00", 0), ("1", 100), ("12.3", 1230), ("12.30", 1230), ("0.01", 1), ("-0.05", -5), ("0.010", 1),
            ("0.03000", 3),
            ("007", 700), ("92233720368547758.07", Int64.max), ("-92233720368547758.08", Int64.min),
        ])
    func reading(text: String, fen: Int64) throws {
        #expect(try Money(yuan: text).fen == fen)
    }

    @Test(
        "what is not an amount in yuan is refused",
        arguments: [
            "", "-", ".", "1.", ".5", "1.234", "1e2", "1,000", "+1", " 1", "1 ", "--1", "1.2.3", "１", "0x10", "NaN", "1-",
        ])
    func nonsense(text: String) {
        #expect(throws: MoneyError.notAnAmount(text)) { try Money(yuan: text) }
    }

    @Test(
        "printing and reading give the same amount",
        arguments: [0, 1, -1, 9, 10, 99, 100, 101, -105, 123_456, Int64.max, Int64.min])
    func roundTrip(fen: Int64) throws {
        #expect(try Money(yuan: Money(fen: fen).yuan).fen == fen)
    }

    @Test("an amount prints with two decimals and its currency")
    func printing() {
        #expect(Money(fen: 1230).yuan == "12.30")
        #expect(Money(fen: -5).yuan == "-0.05")
        #expect(Money(fen: 7).description == "0.07 CNY")
    }
}
