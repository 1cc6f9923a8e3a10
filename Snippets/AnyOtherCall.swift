//! Products without a type of their own, encrypted fields, bills.
import WeChatPay

// snippet.send
struct ReceiverRequest: Encodable {
    let appid: String
    let type = "MERCHANT_ID"
    let account: String
    let relation_type = "STORE"
}

struct Receiver: Decodable {
    let type: String
    let account: String
}

func addReceiver(_ mchid: String, with client: WeChatPay.Client) async throws -> Receiver {
    try await client.send(
        .post, "/v3/profitsharing/receivers/add", body: ReceiverRequest(appid: "wx0000000000000001", account: mchid),
        isIdempotent: true)
}
// snippet.end

// snippet.sensitive
struct TransferRequest: Encodable {
    let out_bill_no: String
    let user_name: EncryptedText
}

func transfer(_ number: String, to name: String, with client: WeChatPay.Client) async throws -> TransferRequest {
    TransferRequest(out_bill_no: number, user_name: try await client.encrypt(name))
}
// snippet.end

// snippet.bill
func feesOfDay(_ day: BeijingDate, with client: WeChatPay.Client) async throws -> BillFee? {
    let link = try await client.bills.trade(TradeBillRequest(date: day))
    var rows = TradeBillRows(client.bills.download(link)).makeAsyncIterator()
    while let row = try await rows.next() {
        print(row.outTradeNo, row.total, row.fee)
    }
    return rows.summary?.fee
}
// snippet.end
