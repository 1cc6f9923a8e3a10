import Foundation

/// `wechatpay serve` as a process of its own.
final class ChildServer {
    let port: Int
    /// From its start to its ready line.
    let secondsToReady: Double
    private let process: Process

    /// Starts it and waits for its ready line. What it logs goes to `server.log` beside its configuration.
    init(command: String, folder: ServerFolder) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = ["serve", "--config", folder.configuration]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = try folder.log()
        let start = ContinuousClock.now
        try process.run()
        guard let url = Self.readyURL(output.fileHandleForReading), let port = URL(string: url)?.port else {
            process.terminate()
            process.waitUntilExit()
            throw BenchmarkFailure("\(command) serve did not become ready:\n\(folder.endOfLog())")
        }
        secondsToReady = start.duration(to: .now) / .seconds(1)
        self.port = port
    }

    /// What it holds in memory now, in bytes.
    func residentBytes() throws -> Double {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ps", "-o", "rss=", "-p", String(self.process.processIdentifier)]
        process.standardOutput = output
        if let status = try? String(contentsOfFile: "/proc/\(self.process.processIdentifier)/status", encoding: .utf8) {
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            if let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) }) {
                return kilobytes * 1024
            }
        }
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let kilobytes = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchmarkFailure("neither /proc nor ps tells how much memory the server has")
        }
        return kilobytes * 1024
    }

    /// Lets it finish what it has acknowledged.
    func stop() throws {
        process.terminate()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw BenchmarkFailure("the server ended with \(process.terminationStatus)")
        }
    }

    deinit {
        if process.isRunning { process.terminate() }
    }

    private static func readyURL(_ output: FileHandle) -> String? {
        struct Line: Decodable {
            let event: String
            let name: String
            let url: String
        }
        var bytes = Data()
        while case let chunk = output.availableData, !chunk.isEmpty {
            bytes += chunk
            for line in bytes.split(separator: 0x0A) {
                if let line = try? JSONDecoder().decode(Line.self, from: line), line.event == "ready", line.name == "server" {
                    return line.url
                }
            }
        }
        return nil
    }
}
