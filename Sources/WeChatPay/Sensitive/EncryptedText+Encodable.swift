import Synchronization

extension EncryptedText: Encodable {
    public func encode(to encoder: any Encoder) throws {
        (encoder.userInfo[.encryptionSerials] as? EncryptionSerials)?.note(serial)
        var container = encoder.singleValueContainer()
        try container.encode(ciphertext)
    }
}

/// The serials that were met while a body was encoded.
final class EncryptionSerials: Sendable {
    private let serials = Mutex<Set<String>>([])

    var all: Set<String> { serials.withLock { $0 } }

    func note(_ serial: String) {
        serials.withLock { _ = $0.insert(serial) }
    }
}

extension CodingUserInfoKey {
    static let encryptionSerials = CodingUserInfoKey(rawValue: "WeChatPay.encryptionSerials")!
}
