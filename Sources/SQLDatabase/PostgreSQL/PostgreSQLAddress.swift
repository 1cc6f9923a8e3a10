internal import CLibPQ

/// Where a PostgreSQL database is and how to get in: one or more hosts, a user, a password, options.
///
/// The text is kept as it was written and read by libpq, so whatever libpq can do can be written. No description shows it.
package struct PostgreSQLAddress: Sendable, Hashable {
    /// The address with its password: for libpq alone.
    let text: String

    /// Takes `postgresql://user:password@host1:5432,host2:5432/name?option=value`.
    ///
    /// - Throws: ``DatabaseError`` `.url`. Nothing of the address is repeated: any part of it may be a part of a password.
    package init(_ text: String) throws(DatabaseError) {
        // libpq takes the first @ for the end of the password and would then complain, by name, about a host or a port that
        // is the rest of the password.
        let afterScheme = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
        let authority = afterScheme.prefix { !"/?".contains($0) }
        guard afterScheme.count(where: { $0 == "@" }) == authority.count(where: { $0 == "@" }),
            authority.count(where: { $0 == "@" }) <= 1
        else {
            throw DatabaseError(
                .url, "there is more than one @, or one after the hosts: write @ / ? of a password as %40 %2F %3F; \(Self.form)")
        }
        self.text = text
        _ = try options()
    }

    static let form = "write postgresql://user:password@host:5432/name"

    /// What the address says, in libpq's own keywords.
    func options() throws(DatabaseError) -> [String: String] {
        guard let options = PQconninfoParse(text, nil) else {
            throw DatabaseError(.url, "the address of the PostgreSQL database cannot be read; \(Self.form)")
        }
        defer { PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { found[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return found
    }
}

extension PostgreSQLAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "postgresql://***" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
