/// Where rows are kept: the small seam between what this package stores and the engine that stores it.
///
/// Statements are written once for every engine: parameters are `$1`, `$2` …, types are `BIGINT`, `TEXT` and
/// ``Dialect/blobType``, and what cannot be shared stands in ``dialect``.
package protocol Database: Sendable {
    /// What differs between the engines.
    var dialect: Dialect { get }

    /// Runs one unit of work: all of it is durable when this returns, or none of it happened.
    ///
    /// The body is synchronous and does no I/O but SQL. It may run again, so it must not change anything outside the
    /// transaction. Its result is seen only after COMMIT. A statement that fails fails the unit, even when the body
    /// catches the error: expected conflicts are written with `ON CONFLICT DO NOTHING`. A unit that has been handed in
    /// runs to its end, also when the task is cancelled meanwhile.
    ///
    /// - Parameter merchant: whose rows these are; empty where they belong to nobody. An engine may use it to find the
    ///   right place or order.
    /// - Throws: what the body threw (nothing happened then), or ``DatabaseError``: `.constraint`, `.busy`, `.misuse`,
    ///   `.statement`, `.storage`, `.closed` (nothing happened), or `.commitUnknown` (read again by key).
    func write<T: Sendable>(_ merchant: String, _ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T

    /// Reads from one snapshot of the database.
    ///
    /// - Throws: what the body threw, or ``DatabaseError``: `.misuse` for a statement that would change something.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLTransaction) throws -> T) async throws -> T

    /// Waits for the units and reads that were handed in, then closes. Later ones throw `.closed`.
    func close() async throws
}
