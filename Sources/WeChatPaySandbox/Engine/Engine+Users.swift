import PaymentPrimitives

extension Engine {
    /// Adds a person to those of the setup.
    mutating func addUser(_ new: SandboxUser) throws(SandboxError) {
        guard new.openid.hasPrefix("o"), (2...128).contains(new.openid.utf8.count),
            new.openid.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw SandboxError(.invalidArgument, "openid: must begin with an o and have 2 to 128 visible ASCII characters") }
        guard platform.knows(appid: new.appid) else {
            throw SandboxError(.notFound, "appid: no merchant or sub-merchant has the app \(new.appid)")
        }
        guard new.balanceFen >= 0 else { throw SandboxError(.invalidArgument, "balance_fen: must be 0 or more") }
        guard user(new.openid) == nil else { throw SandboxError(.invalidArgument, "openid: there is such a user already") }
        state.users.append(new)
        isChanged = true
    }
}
