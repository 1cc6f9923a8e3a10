import Crypto
import CryptoExtras
import Foundation

// Compiled by scripts/fuzz.sh together with the room WeChatPayV2, into one module, so that libFuzzer sees which ways an input
// takes through the reader and the notifications.

/// What is tried, by the name in the environment variable `FUZZ`.
private enum Target: String {
    /// The reader, and what is written of what it read.
    case reader
    /// A notification, as whoever finds the address can post it, and as WeChat would sign and seal it.
    case notification
}

private let target = Target(rawValue: ProcessInfo.processInfo.environment["FUZZ"] ?? "") ?? .reader
private let key = Secret("192006250b4c09247ec02edce69f6a2d")

/// No input may take longer, in seconds of this thread's own time.
private let longest = 0.1

/// Called by libFuzzer with one input after the other. A crash is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let begin = ownTime()
    switch target {
    case .reader: tryReader(bytes)
    case .notification: tryNotification(bytes)
    }
    precondition(ownTime() - begin < longest, "an input that takes longer than \(longest) s")
    return 0
}

private func tryReader(_ bytes: [UInt8]) {
    guard let fields = try? XMLReader.read(bytes) else { return }
    precondition(Set(fields.names).count == fields.count, "an element comes twice")
    // A name that is no plain one can be read, and is not written.
    guard let written = try? fields.document() else { return }
    // Escapes make a document longer, up to what is not read any more.
    guard let again = try? XMLReader.read(written) else {
        return precondition(written.count > XMLReader.maximumBytes, "what was written cannot be read")
    }
    precondition(again == fields, "what was written is read otherwise")
    for type in V2SignType.allCases {
        precondition(V2Signature.sign(again, key: key, type: type) == V2Signature.sign(fields, key: key, type: type))
    }
}

private func tryNotification(_ bytes: [UInt8]) {
    guard let merchant = try? V2Merchant(mchid: "10000100", apiKey: key) else { return }
    let notifications = V2Notifications(merchant: merchant)
    if let order = try? notifications.payment(body: bytes) {
        precondition(order.mchid == "10000100", "another merchant's order")
    }
    _ = try? notifications.refund(body: bytes)
    // As if WeChat had written the same: what is behind the signature is reached.
    if var fields = try? XMLReader.read(bytes) {
        fields["return_code"] = "SUCCESS"
        fields["mch_id"] = "10000100"
        fields["sign_type"] = nil
        fields["sign"] = V2Signature.sign(fields, key: key, type: .md5)
        if let signed = try? fields.document(), let order = try? notifications.payment(body: signed), order.tradeState == .success
        {
            precondition(order.transactionID != nil && order.amount?.total != nil, "paid, without number or total")
        }
        _ = try? V2RefundList(fields)
        _ = try? V2Refund(fields)
    }
    var sealed = XMLFields()
    sealed["return_code"] = "SUCCESS"
    sealed["mch_id"] = "10000100"
    sealed["req_info"] = seal(bytes)
    if let body = try? sealed.document() { _ = try? notifications.refund(body: body) }
}

/// What is inside a refund notification, as WeChat seals it.
private func seal(_ bytes: [UInt8]) -> String {
    let key = SymmetricKey(data: Data("d96eb16afdd491fa1e705096edbc2205".utf8))
    let padding = 16 - bytes.count % 16
    let plain = bytes + Array(repeating: UInt8(padding), count: padding)
    var sealed: [UInt8] = []
    for start in stride(from: 0, to: plain.count, by: 16) {
        var block = Array(plain[start..<start + 16])
        try? AES.permute(&block, key: key)
        sealed += block
    }
    return Data(sealed).base64EncodedString()
}

/// The processor time of this thread in seconds, which a busy machine does not lengthen.
private func ownTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
