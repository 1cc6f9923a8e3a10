import Foundation
import PaymentPrimitives
import Testing

/// The built command `wechatpay`, run as a process of its own.
final class CommandProcess {
    private let process = Process()
    private let folder: TemporaryFolder
    private let name: String

    /// Next to the test bundle, or where the environment variable `WECHATPAY` says.
    static var path: String {
        ProcessInfo.processInfo.environment["WECHATPAY"]
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("wechatpay").path
    }

    init(_ name: String, _ arguments: [String], in folder: TemporaryFolder) throws {
        self.name = name
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["LANG"] = "en_US.UTF-8"
        process.environment = environment
        try folder.write(name + ".out", "")
        try folder.write(name + ".err", "")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: folder.path + "/\(name).out")
        process.standardError = FileHandle(forWritingAtPath: folder.path + "/\(name).err")
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var output: String { (try? folder.text(name + ".out")) ?? "" }
    var errors: String { (try? folder.text(name + ".err")) ?? "" }

    /// The lines of stdout, each of which must be a JSON object.
    func events() throws -> [[String: Any]] {
        try output.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
    }

    /// Waits for the line that says that `part` is ready; returns its URL.
    func ready(_ part: String, within limit: Duration = .seconds(30)) async throws -> String {
        var url: String?
        try await eventually("\(name) says that \(part) is ready: \(errors)", within: limit) {
            url =
                try output.hasSuffix("\n")
                ? events().first { $0["event"] as? String == "ready" && $0["name"] as? String == part }?["url"] as? String : nil
            return url != nil || !process.isRunning
        }
        return try #require(url, "\(name) ended: \(errors)")
    }

    /// As the kernel does it when memory is short: nothing is said, nothing is finished.
    func killHard() async throws {
        kill(process.processIdentifier, SIGKILL)
        try await eventually("\(name) is gone") { !process.isRunning }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end, after a signal if one is given; returns the exit status, or nil if a signal ended it.
    func end(_ signal: Int32? = nil, within limit: Duration = .seconds(20)) async throws -> Int32? {
        if let signal { kill(process.processIdentifier, signal) }
        try await eventually("\(name) ends", within: limit) { !process.isRunning }
        guard !process.isRunning, process.terminationReason == .exit else { return nil }
        return process.terminationStatus
    }
}
