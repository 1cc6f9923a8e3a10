import ArgumentParser
import Foundation

/// Says how fast this package is on this machine, next to what the machine can do.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "How fast this is, next to what this machine can do.",
        subcommands: [Verify.self, VerifyV2.self, Serve.self, Idle.self, Bills.self, BillsRead.self, All.self],
        defaultSubcommand: All.self)
}

/// What can be chosen where the server is measured.
struct ServerOptions: ParsableArguments {
    @Option(help: "The release build of wechatpay.")
    var command = ".build/release/wechatpay"
    @Option(help: "A folder on the disk to be measured; a new folder is made in it, and removed at the end.")
    var directory = FileManager.default.currentDirectoryPath

    func validate() throws {
        guard FileManager.default.isExecutableFile(atPath: command) else {
            throw ValidationError("\(command) is not a program; build it with: swift build -c release --product wechatpay")
        }
    }
}

struct Count: ParsableArguments {
    @Option(help: "How many notifications are sent in each run.")
    var count = 3000

    func validate() throws {
        guard count >= 200 else { throw ValidationError("--count must be at least 200, or there is nothing to measure") }
    }
}

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Signing, and notifications verified, decrypted and decoded, on one core.")

    func run() async throws {
        var report = Report()
        try await VerifyBenchmark().run(into: &report)
        report.show()
    }
}

struct VerifyV2: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-v2", abstract: "Notifications of API v2 read, verified and typed, on one core.")

    @Option(help: "A Python that has the package weixin-python (pip install weixin-python), for comparison.")
    var python = "python3"

    func run() async throws {
        var report = Report()
        try await NotificationV2Benchmark(python: python).run(into: &report)
        report.show()
    }
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Notifications to the durable row, through the built server.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var count: Count

    func run() async throws {
        var report = Report()
        try await ServeBenchmark(options: server, count: count.count).run(into: &report)
        report.show()
    }
}

struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time to the ready line, and memory of an idle server.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        var report = Report()
        try await IdleBenchmark(options: server).run(into: &report)
        report.show()
    }
}

struct BillOptions: ParsableArguments {
    @Option(help: "How many rows the bill has.")
    var rows = 1_000_000
    @Option(help: "A Python that has the packages duckdb and weixin-python (pip install …), for comparison.")
    var python = "python3"
}

struct Bills: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A trade bill of a million rows, read and checked.")

    @OptionGroup var bill: BillOptions

    func run() async throws {
        var report = Report()
        try await BillsBenchmark(rows: bill.rows, python: bill.python).run(into: &report)
        report.show()
    }
}

/// What `bills` starts: one reading in a process of its own.
struct BillsRead: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bills-read", shouldDisplay: false)

    @Argument var path: String

    func run() throws {
        FileHandle.standardOutput.write(try JSONEncoder().encode(BillReading.here(path)))
    }
}

struct All: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All of them, and one table.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var count: Count
    @OptionGroup var bill: BillOptions

    func run() async throws {
        var report = Report()
        try await VerifyBenchmark().run(into: &report)
        try await NotificationV2Benchmark(python: bill.python).run(into: &report)
        try await BillsBenchmark(rows: bill.rows, python: bill.python).run(into: &report)
        try await IdleBenchmark(options: server).run(into: &report)
        try await ServeBenchmark(options: server, count: count.count).run(into: &report)
        report.show()
    }
}
