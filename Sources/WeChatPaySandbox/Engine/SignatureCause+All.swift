import PaymentPrimitives

extension SignatureCause {
    static let fields = SignatureCause(
        code: "authorization_fields",
        english: "nonce_str has more than 32 characters, or timestamp is not a whole number of seconds",
        chinese: "nonce_str 超过32个字符，或 timestamp 不是以秒为单位的整数")
    static let platformSerial = SignatureCause(
        code: "serial_of_platform",
        english: "serial_no is WeChat Pay's own certificate or public key; it must be the merchant's API certificate",
        chinese: "serial_no 填成了微信支付平台证书或公钥的编号，应填商户API证书的序列号")
    static let serialCase = SignatureCause(
        code: "serial_lower_case", english: "serial_no must be written in capitals", chinese: "serial_no 应使用大写字母")
    static let notBase64 = SignatureCause(
        code: "signature_not_base64", english: "signature is not Base64 (standard alphabet with padding)",
        chinese: "signature 不是标准Base64编码")
    static let noLastNewline = SignatureCause(
        code: "no_last_newline", english: "the last line of the signed text has no newline",
        chinese: "签名串最后一行缺少换行符")
    static let oneNewlineTooMany = SignatureCause(
        code: "newline_too_many",
        english: "the signed text has a newline too many at its end, or the signed body one that was not sent",
        chinese: "签名串末尾多了一个换行符，或签名的报文主体末尾有未发送的换行符")
    static let carriageReturns = SignatureCause(
        code: "carriage_returns", english: "the lines of the signed text end with CR LF instead of LF",
        chinese: "签名串使用了\\r\\n换行，应使用\\n")
    static let pathWithoutQuery = SignatureCause(
        code: "path_without_query", english: "the path was signed without its query",
        chinese: "签名串中的URL缺少查询参数")
    static let wholeURL = SignatureCause(
        code: "whole_url", english: "scheme and host were signed; only the path with its query belongs there",
        chinese: "签名串中的URL包含了协议和域名，应只包含路径和查询参数")
    static let pathDecoded = SignatureCause(
        code: "path_decoded", english: "the path was signed percent-decoded; it must be signed as it is sent",
        chinese: "签名串中的URL被解码了，应与实际发送的保持一致")
    static let pathEncoded = SignatureCause(
        code: "path_encoded_differently",
        english: "the path was signed with another percent-encoding than the one that was sent",
        chinese: "签名串中URL的编码方式与实际发送的不一致")
    static let bodyNotSigned = SignatureCause(
        code: "body_not_signed", english: "the body was left out of the signed text", chinese: "签名串中缺少请求报文主体")
    static let multipartBodySigned = SignatureCause(
        code: "multipart_body_signed", english: "an upload signs its meta only: the JSON of the part “meta”, not the whole body",
        chinese: "上传文件时只对meta部分的JSON签名，而不是整个请求报文主体")
    static let trailingNewlineOfBody = SignatureCause(
        code: "body_trailing_newline",
        english: "the sent body ends with a newline that was not signed; sign exactly the bytes that are sent",
        chinese: "发送的报文主体末尾有换行符，但未参与签名，应对实际发送的字节签名")
    static let bodyReserialised = SignatureCause(
        code: "body_reserialised",
        english:
            "the signed body is the same JSON in another spelling (spaces, order or escapes); sign exactly the bytes that are sent",
        chinese: "签名后报文主体被重新序列化（空格、字段顺序或转义不同），应对实际发送的字节签名")
    static let milliseconds = SignatureCause(
        code: "timestamp_in_milliseconds", english: "the timestamp is in milliseconds; it must be in seconds",
        chinese: "时间戳以毫秒为单位，应以秒为单位")
    static let nonceBeforeTimestamp = SignatureCause(
        code: "nonce_before_timestamp", english: "the nonce was signed before the timestamp",
        chinese: "签名串中随机串与时间戳的顺序颠倒")
    static let platformKey = SignatureCause(
        code: "platform_key", english: "signed with WeChat Pay's own key; use the merchant's (apiclient_key.pem)",
        chinese: "使用了微信支付平台的密钥签名，应使用商户API私钥")
    static let unknown = SignatureCause(
        code: "unknown",
        english:
            "not one of the usual mistakes: is the private key the one of this certificate, and is the signature PKCS#1 v1.5 with SHA-256?",
        chinese: "不属于常见错误：请检查私钥与证书是否匹配，签名算法是否为SHA256 with RSA（PKCS#1 v1.5）")

    static func multipartFormat(_ reason: String) -> SignatureCause {
        SignatureCause(
            code: "multipart_format",
            english:
                "an upload is multipart/form-data with the parts “meta” (JSON) and “file”, and its meta is signed: \(reason)",
            chinese: "上传请求应为multipart/form-data，包含meta（JSON）和file两部分，并对meta签名：\(reason)")
    }

    static func method(_ method: String) -> SignatureCause {
        SignatureCause(
            code: "other_method", english: "another method was signed (\(method))", chinese: "签名串中的HTTP方法（\(method)）与实际不一致")
    }

    static func bodySignedButNotSent(_ body: String) -> SignatureCause {
        SignatureCause(
            code: "body_signed_but_not_sent", english: "a body was signed (\(body)), but none was sent",
            chinese: "请求没有报文主体，但签名串中包含了报文主体（\(body)）")
    }

    static func notRSA(length: Int) -> SignatureCause {
        SignatureCause(
            code: "signature_length",
            english: "the signature has \(length) bytes; one of a 2048-bit RSA key has 256 (is it an MD5 or HMAC of API v2?)",
            chinese: "签名长度为\(length)字节，2048位RSA签名应为256字节（是否误用了v2的MD5或HMAC签名？）")
    }

    static func keyOfAnotherMerchant(_ mchid: String) -> SignatureCause {
        SignatureCause(
            code: "key_of_another_merchant", english: "signed with the key of merchant \(mchid)",
            chinese: "使用了商户\(mchid)的私钥签名")
    }

    static func serialOfAnotherMerchant(_ mchid: String) -> SignatureCause {
        SignatureCause(
            code: "serial_of_another_merchant", english: "serial_no is the certificate of merchant \(mchid)",
            chinese: "serial_no 是商户\(mchid)的证书序列号")
    }

    static func unknownSerial(expected: String) -> SignatureCause {
        SignatureCause(
            code: "unknown_serial", english: "serial_no is not the merchant's certificate, \(expected)",
            chinese: "serial_no 不是该商户的证书序列号，应为\(expected)")
    }

    static func unknownMerchant(_ mchid: String) -> SignatureCause {
        SignatureCause(
            code: "unknown_merchant", english: "the sandbox has no merchant \(mchid)", chinese: "沙箱中没有商户\(mchid)")
    }

    static func format(of headers: [String]) -> SignatureCause {
        if headers.isEmpty {
            return SignatureCause(
                code: "no_authorization", english: "there is no Authorization header", chinese: "缺少Authorization头")
        }
        if headers.count > 1 {
            return SignatureCause(
                code: "authorization_twice", english: "there are \(headers.count) Authorization headers",
                chinese: "Authorization头出现了\(headers.count)次")
        }
        return SignatureCause(
            code: "authorization_format",
            english:
                "Authorization must be \(WireNames.scheme) mchid=\"…\",nonce_str=\"…\",timestamp=\"…\",serial_no=\"…\",signature=\"…\": one space, commas, double quotes, each field once",
            chinese:
                "Authorization应为：\(WireNames.scheme) mchid=\"…\",nonce_str=\"…\",timestamp=\"…\",serial_no=\"…\",signature=\"…\"")
    }

    static func time(seconds: Int64, wire: Timestamp) -> SignatureCause {
        let asSeconds = Timestamp(milliseconds: seconds).seconds
        if asSeconds.subtractingReportingOverflow(wire.seconds).partialValue.magnitude <= 300 { return .milliseconds }
        let (difference, overflow) = seconds.subtractingReportingOverflow(wire.seconds)
        return SignatureCause(
            code: "clock",
            english: overflow
                ? "the timestamp is no time"
                : "the timestamp is \(difference.magnitude) s \(difference < 0 ? "behind" : "ahead of") the clock",
            chinese: overflow ? "时间戳无效" : "时间戳比当前时间\(difference < 0 ? "慢" : "快")\(difference.magnitude)秒")
    }
}
