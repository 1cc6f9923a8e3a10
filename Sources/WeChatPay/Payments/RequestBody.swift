/// The JSON body of a request.
protocol RequestBody: Encodable {
    /// Refuses what WeChat would refuse, naming the field by its path.
    func validate() throws(WeChatPayError)
}

extension RequestBody {
    /// The checked body; made once, signed and sent as these bytes.
    func bytes() throws(WeChatPayError) -> [UInt8] {
        try validate()
        return try EncodedBody.encode(self).bytes
    }
}
