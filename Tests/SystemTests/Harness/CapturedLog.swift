import Logging
import Synchronization

/// Everything that was logged, at every level, metadata included.
final class CapturedLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let text: String
    }

    private let kept = Mutex<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }
    var count: Int { kept.withLock { $0.count } }

    var logger: Logger {
        var logger = Logger(label: "system") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    /// What was logged after the first `count` lines.
    func lines(after count: Int) -> [Line] { Array(lines.dropFirst(count)) }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let error = event.error.map { " \($0)" } ?? ""
            let text = "\(event.message)\(error) \(all.map { "\($0)=\($1)" }.sorted().joined(separator: " "))"
            log.kept.withLock { $0.append(Line(level: event.level, text: text)) }
        }
    }
}
