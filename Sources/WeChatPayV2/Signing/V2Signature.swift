import Crypto

/// The signature of API v2 (《签名算法》): all fields but `sign` and the empty ones, sorted by the bytes of their names,
/// `name=value` with `&` between them, and `&key=` with the API key behind.
public enum V2Signature {
    /// The signature in hexadecimal, upper case: 32 characters with MD5, 64 with HMAC-SHA256.
    ///
    /// - Parameters:
    ///   - fields: what is signed; a `sign` among them is left out.
    ///   - key: the API key (API密钥).
    ///   - type: the algorithm.
    public static func sign(_ fields: XMLFields, key: Secret, type: V2SignType) -> String {
        key.withBytes { key in
            let message = message(fields, key: key)
            return switch type {
            case .md5: Hex.upper(Insecure.MD5.hash(data: message))
            case .hmacSHA256:
                Hex.upper(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
            }
        }
    }

    /// Checks the `sign` among the fields, in a time that does not depend on where it differs.
    ///
    /// - Parameters:
    ///   - fields: a document as ``XMLReader`` read it.
    ///   - key: the API key.
    ///   - type: the algorithm that is expected. A document that names or uses another one is refused, since whoever could
    ///     choose MD5 would have an easier task.
    /// - Throws: ``WeChatPayError`` `signatureMissing` without a `sign` or with an empty one, `signatureInvalid` when it
    ///   does not fit, `invalidKey` for a blank key.
    public static func verify(_ fields: XMLFields, key: Secret, type: V2SignType) throws(WeChatPayError) {
        guard !key.isBlank else {
            throw WeChatPayError(.invalidKey, "the API key of API v2 is blank: anybody could sign")
        }
        guard let given = fields["sign"], !given.isEmpty else {
            throw WeChatPayError(.signatureMissing, "sign: missing or empty; the document is nobody's")
        }
        if let named = fields["sign_type"], !named.isEmpty, named != type.rawValue {
            throw WeChatPayError(.signatureInvalid, "sign_type: not \(type), which is configured for this merchant")
        }
        let expected = sign(fields, key: key, type: type)
        guard constantTimeEqual(expected.utf8, given.utf8) else {
            throw WeChatPayError(
                .signatureInvalid,
                "sign: does not fit; the API key or the algorithm (\(type)) differs, or somebody else wrote this")
        }
    }

    private static func message(_ fields: XMLFields, key: [UInt8]) -> [UInt8] {
        fields.bytes.withUnsafeBufferPointer { bytes in
            fields.fields.withUnsafeBufferPointer { fields in
                var message: [UInt8] = []
                message.reserveCapacity(bytes.count + fields.count * 2 + key.count + 5)
                for index in order(fields, bytes) {
                    message.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[fields[index].name]))
                    message.append(UInt8(ascii: "="))
                    message.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[fields[index].value]))
                    message.append(UInt8(ascii: "&"))
                }
                message.append(contentsOf: "key=".utf8)
                message.append(contentsOf: key)
                return message
            }
        }
    }

    /// The places of the fields that are signed, sorted by the bytes of their names. An insertion sort: a document has some
    /// thirty fields, most of them in order already, and two hundred at most.
    private static func order(
        _ fields: UnsafeBufferPointer<XMLFields.Field>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> [Int] {
        var order: [Int] = []
        order.reserveCapacity(fields.count)
        for index in fields.indices where !fields[index].value.isEmpty && !isSign(fields[index]) {
            var place = order.count
            order.append(index)
            while place > 0, precedes(fields[index], fields[order[place - 1]], bytes) {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = index
        }
        return order
    }

    private static func isSign(_ field: XMLFields.Field) -> Bool {
        field.name.count == 4 && field.head == 0x7369_676E_0000_0000
    }

    private static func precedes(
        _ left: XMLFields.Field, _ right: XMLFields.Field, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard left.head == right.head else { return left.head < right.head }
        let shorter = min(left.name.count, right.name.count)
        var place = 8
        while place < shorter {
            let (one, other) = (bytes[left.name.lowerBound + place], bytes[right.name.lowerBound + place])
            guard one == other else { return one < other }
            place += 1
        }
        return left.name.count < right.name.count
    }
}
