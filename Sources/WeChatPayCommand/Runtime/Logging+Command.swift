import Foundation
import Logging

/// Logs go to stderr; `LOG_LEVEL` sets how much of them.
func commandLogger(_ label: String, environment: [String: String], quiet: Bool = false) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel =
        environment["LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? (quiet ? .error : .info)
    return logger
}
