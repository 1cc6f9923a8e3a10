import Logging
import PaymentPrimitives

/// Fetches each merchant's platform keys before they are needed and before they expire.
package struct KeyRefreshJob: Job {
    package let name = "key-refresh"
    private let directory: any MerchantDirectory
    private let logger: Logger

    package init(directory: any MerchantDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        for merchant in directory.snapshot().values {
            for channel in merchant.channels.values {
                if let why = await channel.refreshKeys() {
                    logger.warning("platform keys could not be fetched: \(why)", metadata: ["merchant": "\(merchant.id)"])
                }
            }
        }
        return now.advanced(by: .seconds(60))
    }
}
