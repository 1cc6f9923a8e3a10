import PaymentPrimitives
import Testing

@Suite("Ids and random texts")
struct IDGeneratorTests {
    @Test("an id has 26 characters of Crockford's alphabet and sorts by time")
    func ids() {
        let clock = ManualClock()
        let generator = IDGenerator(clock: clock, random: SeededRandom(7))
        var ids: [String] = []
        for _ in 0..<500 {
            ids.append(generator.next())
            clock.advance(by: .milliseconds(1))
        }
        let alphabet = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        #expect(ids.allSatisfy { $0.count == 26 && $0.allSatisfy(alphabet.contains) })
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 500)
        #expect(generator.next("pay").hasPrefix("pay_"))
        #expect(generator.next("pay").count == 30)
    }

    @Test("ids of one millisecond differ, and a seed repeats them")
    func seeds() {
        let clock = ManualClock()
        let first = IDGenerator(clock: clock, random: SeededRandom(1))
        let second = IDGenerator(clock: clock, random: SeededRandom(1))
        let ids = (0..<100).map { _ in first.next() }
        #expect(Set(ids).count == 100)
        #expect(ids == (0..<100).map { _ in second.next() })
    }

    @Test("the time of an id are its first ten characters")
    func time() {
        let generator = IDGenerator(clock: ManualClock(Timestamp(milliseconds: 0)), random: SeededRandom(1))
        #expect(generator.next().hasPrefix("0000000000"))
        let last = IDGenerator(clock: ManualClock(Timestamp(milliseconds: (1 << 48) - 1)), random: SeededRandom(1))
        #expect(last.next().hasPrefix("7ZZZZZZZZZ"))
    }

    @Test("random texts are letters and digits of the length that was asked for, all of them about equally often")
    func alphanumeric() {
        let random = SeededRandom(3)
        for length in [0, 1, 32, 1000] { #expect(random.alphanumeric(length).utf8.count == length) }
        let text = random.alphanumeric(62_000)
        let counts = text.reduce(into: [Character: Int]()) { $0[$1, default: 0] += 1 }
        #expect(counts.count == 62)
        #expect(counts.values.allSatisfy { (800...1200).contains($0) })
        #expect(SystemRandom().bytes(32) != SystemRandom().bytes(32))
    }
}
