import PaymentPrimitives
import Testing

@testable import SQLDatabase

@Suite("Values and rows")
struct ValueTests {
    @Test(
        "a value comes back as it went in",
        arguments: [
            .null, .integer(.max), .integer(.min), .integer(0), .text(""), .text("收款 👩‍👩‍👧 e\u{301}"), .text("a\0b\0"), .blob([]),
            .blob([0, 255, 0]), .text(String(repeating: "长", count: 100_000)),
        ] as [SQLValue])
    func roundTrip(value: SQLValue) async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        try await database.run("CREATE TABLE t (i BIGINT, s TEXT, b BLOB)")
        let column = if case .text = value { "s" } else if case .blob = value { "b" } else { "i" }
        try await database.write("m") { _ = try $0.execute("INSERT INTO t (\(column)) VALUES ($1)", value) }
        let read = try await database.read { try $0.query("SELECT \(column) FROM t").map { try $0.value(column) } }
        #expect(read == [value])
    }

    @Test("the conveniences make the values that they say")
    func conveniences() {
        #expect(SQLValue(Timestamp(milliseconds: 1234)) == 1234)
        #expect(SQLValue(Timestamp?.none) == nil)
        #expect(SQLValue(Int64?.none) == .null)
        #expect(SQLValue(7) == .integer(7))
        #expect(SQLValue(true) == 1)
        #expect(SQLValue("x" as String?) == "x")
        #expect(SQLValue([1, 2] as [UInt8]) == .blob([1, 2]))
    }

    @Test("accessors read by name and by position, and optional ones take NULL")
    func accessors() throws {
        let row = SQLRow(columns: ["id", "name", "raw", "at", "none"], values: [5, "n", .blob([1]), 1_000, nil])
        #expect(try row.integer("id") == 5)
        #expect(try row.integer(0) == 5)
        #expect(try row.text("name") == "n")
        #expect(try row.blob("raw") == [1])
        #expect(try row.timestamp("at") == Timestamp(seconds: 1))
        #expect(try row.optionalTimestamp("at") == Timestamp(seconds: 1))
        #expect(try row.optionalInteger("none") == nil)
        #expect(try row.optionalText("none") == nil)
        #expect(try row.optionalBlob("none") == nil)
        #expect(try row.optionalTimestamp("none") == nil)
    }

    @Test("a column that does not fit is named, its value is not")
    func mismatches() throws {
        let row = SQLRow(columns: ["id", "name"], values: [nil, "secret"])
        let null = #expect(throws: DatabaseError.decoding) { try row.integer("id") }
        #expect(null?.message.contains("id") == true)
        let wrong = #expect(throws: DatabaseError.decoding) { try row.optionalInteger("name") }
        #expect(wrong?.message == "column name holds a text where an integer was expected")
        let missing = #expect(throws: DatabaseError.decoding) { try row.text("nmae") }
        #expect(missing?.message.contains("nmae") == true)
        #expect(throws: DatabaseError.decoding) { try row.text(2) }
        #expect(throws: DatabaseError.decoding) { try row.text(-1) }
    }

    @Test("floating point is refused, not rounded")
    func floatingPoint() async throws {
        let database = try SQLiteDatabase.open(path: ":memory:")
        await #expect(throws: DatabaseError.decoding) {
            try await database.read { try $0.query("SELECT 1.5 AS share") }
        }
    }
}
