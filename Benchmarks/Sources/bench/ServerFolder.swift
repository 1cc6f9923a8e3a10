import Foundation
import WeChatPay
import WeChatPaySandbox

/// A configuration for `wechatpay serve` with the keys that it names, as an operator would write it.
struct ServerFolder {
    static let merchant = "bench"

    let path: String
    let database: String
    let apiKey: String
    var configuration: String { path + "/server.yaml" }

    /// - Parameters:
    ///   - path: a new folder.
    ///   - databaseFolder: where the database is to lie; the same folder where nil.
    init(_ path: String, databaseFolder: String? = nil, wechat: PlayedWeChat) throws {
        self.path = path
        database = (databaseFolder ?? path) + "/pay.sqlite"
        apiKey = "wpk_" + String(decoding: (0..<40).map { _ in UInt8.random(in: 0x61...0x7A) }, as: UTF8.self)
        let account = wechat.account
        try makePrivateFolder(path)
        try put("apiclient_key.pem", Secret(account.privateKeyPEM))
        try put("pub_key.pem", Secret(account.publicKeyPEM))
        try put("api_v3_key", account.apiV3Key)
        try put("client_api_key", Secret(apiKey))
        try put(
            "server.yaml",
            Secret(
                """
                server: { host: 127.0.0.1, port: 0, public_url: "https://pay.example.com", admin_host: 127.0.0.1, admin_port: 0 }
                database: "sqlite://\(database)"
                merchants:
                  - id: \(Self.merchant)
                    mchid: "\(account.mchid)"
                    base_url: "http://127.0.0.1:\(wechat.port)"
                    apps: [ { appid: \(account.appid) } ]
                    serial_no: "\(account.serialNo)"
                    private_key_file: apiclient_key.pem
                    api_v3_key_file: api_v3_key
                    public_key_id: \(account.publicKeyID)
                    public_key_file: pub_key.pem
                clients: [ { name: bench, merchants: [\(Self.merchant)], api_key_file: client_api_key } ]

                """))
    }

    /// A file for what the server logs.
    func log() throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: logPath) { try put("server.log", Secret("")) }
        guard let file = FileHandle(forWritingAtPath: logPath) else {
            throw BenchmarkFailure("\(logPath) cannot be written")
        }
        try file.seekToEnd()
        return file
    }

    func endOfLog() -> String {
        String(decoding: (FileManager.default.contents(atPath: logPath) ?? Data()).suffix(2000), as: UTF8.self)
    }

    private var logPath: String { path + "/server.log" }

    private func put(_ name: String, _ text: Secret) throws {
        let isWritten = text.withBytes {
            FileManager.default.createFile(
                atPath: "\(path)/\(name)", contents: Data($0), attributes: [.posixPermissions: 0o600])
        }
        guard isWritten else { throw BenchmarkFailure("\(path)/\(name) cannot be written") }
    }
}

func makePrivateFolder(_ path: String) throws {
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
}

/// Folders that are gone when `body` ends: one on the disk that is measured, and one in memory where the system has such.
func withFolders<Value>(in directory: String, _ body: (_ disk: String, _ memory: String?) async throws -> Value) async throws
    -> Value
{
    let name = "wechatpay-bench-\(ProcessInfo.processInfo.processIdentifier)"
    let disk = URL(fileURLWithPath: directory, isDirectory: true).standardizedFileURL.appendingPathComponent(name).path
    var memory: String? = "/dev/shm/" + name
    try makePrivateFolder(disk)
    do { if let folder = memory { try makePrivateFolder(folder) } } catch { memory = nil }
    defer { for folder in [disk, memory].compactMap({ $0 }) { try? FileManager.default.removeItem(atPath: folder) } }
    return try await body(disk, memory)
}
