/// The JSON body of a request, which knows what WeChat would refuse.
protocol CheckedBody: Encodable {
    /// Refuses what WeChat would refuse, naming the field by its path.
    func validate() throws(WeChatPayError)
}

extension CheckedBody {
    /// The checked body; made once, signed and sent as these bytes.
    func bytes() throws(WeChatPayError) -> [UInt8] {
        try validate()
        return try RequestBody.encode(self).bytes
    }
}
