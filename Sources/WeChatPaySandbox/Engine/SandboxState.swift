import Foundation
import PaymentPrimitives

/// Everything that the sandbox remembers, as one value.
struct SandboxState: Codable, Sendable {
    static let currentFormat = 2

    var format = SandboxState.currentFormat
    /// Business time minus wire time, in milliseconds.
    var clockOffset: Int64 = 0
    /// Counts every id that was made, so that no two are equal, whatever the random source says.
    var sequence: Int64 = 0
    var orders: [String: SandboxOrder] = [:]
    var combineOrders: [String: CombineOrder] = [:]
    /// Prepay id → key of an order or of a combined order.
    var prepayIDs: [String: String] = [:]
    /// The `pr` of a `code_url` → prepay id.
    var codes: [String: String] = [:]
    /// Transaction id → order key.
    var transactionIDs: [String: String] = [:]
    var loginCodes: [String: LoginCode] = [:]
    /// Users that were added to those of the setup.
    var users: [SandboxUser] = []
    /// Coupon id → coupon, used ones too.
    var coupons: [String: SandboxCoupon] = [:]
    /// The 18 digits → who has shown them on a phone.
    var authCodes: [String: AuthCode] = [:]
    var money = MoneyState()
    var deliveries: [String: Delivery] = [:]
    /// By merchant number, the keys of those whose keys were rotated.
    var keys: [String: KeyRing.Stored] = [:]

    struct LoginCode: Codable, Sendable {
        let appid: String
        let openid: String
        let expiresAt: Timestamp
        var isUsed = false
    }

    struct AuthCode: Codable, Sendable {
        let openid: String
        let expiresAt: Timestamp
        /// Whether the user is asked for the password, whatever the amount.
        let needsPassword: Bool
        var isUsed = false
        /// The one merchant that may use it, once it has asked whose it is.
        var mchid: String? = nil
    }

    private struct FormatOnly: Codable {
        let format: Int
    }

    /// Reads a stored state.
    static func decode(_ bytes: [UInt8], from name: String) throws(SandboxError) -> SandboxState {
        let decoder = JSONDecoder()
        guard let found = try? decoder.decode(FormatOnly.self, from: Data(bytes)) else {
            throw SandboxError(
                .invalidState, "\(name) is not a whole state of the sandbox (cut short?): restore it, or remove it to start anew")
        }
        guard found.format == currentFormat else {
            throw SandboxError(
                .invalidState,
                "\(name) has format \(found.format), this version reads format \(currentFormat): remove it to start anew"
            )
        }
        do {
            return try decoder.decode(SandboxState.self, from: Data(bytes))
        } catch {
            throw SandboxError(.invalidState, "\(name) cannot be read (\(error)): remove it to start anew")
        }
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return Array(try encoder.encode(self))
    }
}

/// Where the sandbox keeps its state between two starts.
public protocol SandboxStateStore: Sendable {
    /// What to call it in an error, for example the path of a file.
    var name: String { get }

    /// The bytes that were saved last; `nil` when there are none.
    func load() throws -> [UInt8]?

    /// Replaces what is stored, all or nothing.
    func save(_ bytes: [UInt8]) throws
}
