import ArgumentParser
import Foundation
import SQLDatabase

/// `wechatpay migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings a database to this version's schema. 升级数据库结构。")

    @Option(help: "For example sqlite:///var/lib/wechatpay/pay.sqlite or postgresql://pay@db1,db2/pay (password: PGPASSFILE)")
    var database: String

    func run() async throws {
        let console = Console.current()
        let engine = try await DatabaseURL(database).open()
        let applied = try await ServerRuntime.migrator.migrate(engine)
        try await engine.close()
        console.outcome(
            ok: true,
            detail: applied.isEmpty
                ? console.texts("The database is up to date.", "数据库已是最新。")
                : console.texts("Applied: ", "已执行：") + applied.joined(separator: ", "))
    }
}
