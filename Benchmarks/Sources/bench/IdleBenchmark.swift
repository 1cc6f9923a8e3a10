import Foundation

/// How soon a server is ready, and what it holds while nothing happens.
struct IdleBenchmark {
    let options: ServerOptions
    private static let starts = 5

    func run(into report: inout Report) async throws {
        let (command, starts) = (options.command, Self.starts)
        let measured = try await withFolders(in: options.directory) { disk, _ in
            try await PlayedWeChat.serve { wechat in
                try await onThread {
                    let folder = try ServerFolder(disk + "/idle", wechat: wechat)
                    var seconds: [Double] = []
                    var bytes = 0.0
                    for start in 1...starts {
                        let server = try ChildServer(command: command, folder: folder)
                        seconds.append(server.secondsToReady)
                        say("start \(start): ready after \(decimals(server.secondsToReady * 1000, 0)) ms")
                        if start == starts {
                            Thread.sleep(forTimeInterval: 5)
                            bytes = try server.residentBytes()
                            say("resident after 5 s: \(decimals(bytes / 1e6, 1)) MB")
                        }
                        try server.stop()
                    }
                    return (seconds: seconds, bytes: bytes)
                }
            }
        }
        report.add("from exec to the ready line, a new database", measured.seconds[0] * 1000, below: 1000, "ms", digits: 0)
        report.add(
            "from exec to the ready line, median of later starts", median(Array(measured.seconds.dropFirst())) * 1000,
            below: 1000, "ms", digits: 0)
        report.add("resident memory, idle for 5 s", measured.bytes / 1e6, below: 60, "MB", digits: 1)
    }
}
