import Logging
import Payments
import ServiceLifecycle
import UnixSignals

/// Takes a new configuration while the server runs: all of it, or nothing of it.
struct ConfigurationReloader: Sendable {
    let live: LiveConfiguration
    let storage: any PaymentStorage
    let webhooks: WebhookService
    let logger: Logger

    /// Loads and checks a configuration and puts it in the old one's place. When anything about it is wrong, the old one
    /// stays and the log says why, a line each.
    ///
    /// - Returns: whether the new one is in place.
    @discardableResult
    func reload(_ load: () throws -> Configuration) async -> Bool {
        let new: Configuration
        let change: LiveConfiguration.Change
        do {
            new = try load()
            change = try live.replace(with: new)
        } catch {
            let lines = (error as? ConfigurationErrors)?.problems.map(\.description) ?? ["\(error)"]
            for line in lines { logger.error("the configuration stays as it was: \(line)") }
            return false
        }
        do {
            try await webhooks.begin()
        } catch {
            logger.warning("a new webhook begins a moment later: \(error)")
        }
        for warning in new.warnings + change.needsRestart { logger.warning("\(warning)") }
        for merchant in change.removed { await warnOfOpenPayments(merchant) }
        logger.notice(
            "the configuration was reloaded",
            metadata: [
                "merchants": "\(change.merchants)", "added": "\(change.added.joined(separator: " "))",
                "removed": "\(change.removed.joined(separator: " "))",
            ])
        return true
    }

    private func warnOfOpenPayments(_ merchant: String) async {
        for state in [PaymentState.created, .pending, .userPaying] {
            var filter = PaymentFilter(merchants: [merchant])
            filter.state = state
            filter.limit = 1
            guard let found = try? await storage.payments(filter), !found.isEmpty else { continue }
            return logger.warning(
                "a merchant was removed that has open payments: nobody asks for them until it is configured again",
                metadata: ["merchant": "\(merchant)"])
        }
    }
}

/// SIGHUP reloads the configuration.
struct ReloadOnSignal: Service {
    let reloader: ConfigurationReloader
    let load: @Sendable () throws -> Configuration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { await reloader.reload(load) }
        }
    }
}
