//! What to do when WeChat did not say yes.
import WeChatPay

// snippet.advice
func refund(_ request: RefundRequest, with client: WeChatPay.Client, clock: some WallClock) async throws -> Refund {
    while true {
        do {
            return try await client.refunds.create(request)
        } catch {
            switch error.advice {
            case .sendAgain:
                // The same out_refund_no: it is the same refund, however often it is sent.
                try await clock.sleep(until: clock.now.advanced(by: .seconds(30)))
            case .askForTheOrder:
                return try await client.refunds.query(outRefundNo: request.outRefundNo)
            case .stop:
                throw error
            }
        }
    }
}
// snippet.end

// snippet.text
func productDescription(_ name: String) -> String {
    WeChatText.fitting(name, bytes: 127)
}
// snippet.end
