import Crypto
import PaymentPrimitives

extension Engine {
    /// `/pay/downloadbill`, 《下载交易账单》.
    func downloadBillV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> Answer {
        guard let kind = TradeBill.Kind(rawValue: request["bill_type"] ?? "ALL") else {
            throw Self.billFault("invalid bill_type", "20001")
        }
        let isCompressed = try Self.isCompressedV2(request, Self.billFault("data format error", "20001"))
        guard let text = request["bill_date"] else { throw Self.billFault("missing parameter", "20001") }
        let day: BeijingDate
        do throws(Fault) {
            day = try billDay(Self.dashed(text), moment)
        } catch {
            // Which number goes with a bill that is being made is not documented.
            if error.code == "STATEMENT_CREATING" { throw Self.billFault("Bill Creating", nil) }
            throw Self.billFault("data format error", "20001")
        }
        let bill = tradeBill(kind, request.merchant.mchid, request.subMchid, day)
        guard !bill.rows.isEmpty else { throw Self.billFault("No Bill Exist", "20002") }
        return try Self.fileV2(bill.table.bytes(isV2: true), isCompressed)
    }

    /// `/pay/downloadfundflow`, 《下载资金账单》: signed with HMAC-SHA256 only.
    func fundFlowV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> Answer {
        guard request.signType == .hmac else { throw .parameter("sign_type参数格式有误，仅支持HMAC-SHA256") }
        let accounts: [String: FundFlowBill.Account] = ["Basic": .basic, "Operation": .operation, "Fees": .fees]
        guard let account = accounts[try request.required("account_type", 32)] else {
            throw .parameter("account_type参数格式有误")
        }
        let isCompressed = try Self.isCompressedV2(request, .parameter("tar_type参数格式有误"))
        let day: BeijingDate
        do throws(Fault) {
            day = try billDay(Self.dashed(try Self.billDate(request)), moment)
        } catch {
            if error.code == "STATEMENT_CREATING" { throw .business("BILL_CREATING", "账单生成中") }
            throw .parameter(error.message)
        }
        let table = FundFlowBill(state.money.ledger, account, request.subMchid ?? request.merchant.mchid, day).table
        guard !table.rows.isEmpty else { throw .business("NO_BILL_EXIST", "账单不存在") }
        return try Self.fileV2(table.bytes(isV2: true), isCompressed)
    }

    private static func billDate(_ request: V2Request) throws(Fault) -> String {
        guard let text = request["bill_date"] else { throw .parameter("缺少参数bill_date") }
        return text
    }

    private static func billFault(_ message: String, _ number: String?) -> V2Fault {
        V2Fault(.bill(number: number), message, message)
    }

    private static func isCompressedV2(_ request: V2Request, _ fault: V2Fault) throws(V2Fault) -> Bool {
        switch request["tar_type"] {
        case nil: false
        case "GZIP": true
        default: throw fault
        }
    }

    /// `yyyyMMdd` in the form of API v3; anything else stays what it is, and is no date there.
    private static func dashed(_ text: String) -> String {
        guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "" }
        return "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
    }

    private static func fileV2(_ bytes: [UInt8], _ isCompressed: Bool) throws(V2Fault) -> Answer {
        var answer = Answer(status: 200, body: bytes, contentType: "text/plain; charset=utf-8")
        if isCompressed {
            guard let compressed = GZip.compressed(bytes) else { throw V2Fault(.systemError) }
            answer = Answer(status: 200, body: compressed, contentType: "application/x-gzip")
        }
        answer.isSigned = false
        return answer
    }
}
