import Testing

@testable import SQLDatabase

@Suite("Statement texts")
struct StatementTextTests {
    @Test(
        "$n becomes ?n, and only where it is a parameter",
        arguments: [
            ("SELECT $1", "SELECT ?1", 1),
            ("SELECT $2, $1, $2", "SELECT ?2, ?1, ?2", 2),
            ("SELECT $1,$2,$3,$4,$5,$6,$7,$8,$9,$10", "SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10", 10),
            ("SELECT '$1', $1", "SELECT '$1', ?1", 1),
            ("SELECT 'it''s $2', $1", "SELECT 'it''s $2', ?1", 1),
            ("SELECT \"$2\", `$2`, [$2], $1", "SELECT \"$2\", `$2`, [$2], ?1", 1),
            ("SELECT a$2, $1", "SELECT a$2, ?1", 1),
            ("SELECT $1 -- $2\n, 3", "SELECT ?1 -- $2\n, 3", 1),
            ("SELECT /* $2 '*/ $1", "SELECT /* $2 '*/ ?1", 1),
            ("SELECT 4-$1/2", "SELECT 4-?1/2", 1),
            ("SELECT '名字$2', $1 AS 名字", "SELECT '名字$2', ?1 AS 名字", 1),
            ("SELECT 'open $1", "SELECT 'open $1", 0),
            ("SELECT 1 /* open $1", "SELECT 1 /* open $1", 0),
            ("SELECT 1", "SELECT 1", 0),
        ])
    func rewriting(text: String, expected: String, count: Int) throws {
        let statement = try StatementText(text)
        #expect(statement.sql == expected)
        #expect(statement.parameterCount == count)
    }

    @Test(
        "numbers with gaps and other dollar signs are misuse",
        arguments: ["SELECT $2", "SELECT $1, $3", "SELECT $0", "SELECT $name", "SELECT $$a$$", "SELECT $99999999999999999999"])
    func numbering(text: String) {
        #expect(throws: DatabaseError.misuse) { try StatementText(text) }
    }

    @Test(
        "statements of the engine are misuse, however they are written",
        arguments: [
            "BEGIN", "begin immediate", "COMMIT", "END", "ROLLBACK", " \n ROLLBACK TO x", "SAVEPOINT a", "RELEASE a",
            "PRAGMA foreign_keys = OFF", "ATTACH 'x' AS y", "DETACH y", "VACUUM", "-- why\nCOMMIT", "/* why */ commit",
            "; COMMIT",
        ])
    func engineStatements(text: String) {
        #expect(throws: DatabaseError.misuse) { try StatementText(text) }
    }
}
