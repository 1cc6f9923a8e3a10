import CZlib

/// Turns a file that may be compressed with gzip into its bytes, a piece at a time and never more than a limit.
///
/// Which of the two it is, its first two bytes say.
package final class Gunzip {
    private enum Kind { case unknown, plain, gzip }

    /// The most bytes that come out at once.
    static let pieceLength = 64 * 1024

    private let limit: Int
    private var kind = Kind.unknown
    private var input: [UInt8] = []
    /// How much of `input` is used up.
    private var taken = 0
    private var produced = 0
    private var stream = z_stream()
    private var isOpen = false
    /// Whether a gzip member has ended; what follows it is another one, or nothing.
    private var isBetweenMembers = false
    /// Whether zlib may hold bytes back for which there was no room.
    private var isOutputFull = false

    package init(limit: Int) {
        self.limit = limit
    }

    deinit {
        if isOpen { inflateEnd(&stream) }
    }

    /// Takes the next bytes of the file.
    package func feed(_ bytes: [UInt8]) {
        input = taken == input.count ? bytes : Array(input[taken...]) + bytes
        taken = 0
    }

    /// The next bytes of the content; `nil` when more input is needed.
    package func next() throws(WeChatPayError) -> [UInt8]? {
        if kind == .unknown {
            guard input.count >= 2 else { return nil }
            kind = input[0] == 0x1F && input[1] == 0x8B ? .gzip : .plain
        }
        if kind == .plain {
            guard taken < input.count else { return nil }
            defer { taken = input.count }
            return try count(taken == 0 ? input : Array(input[taken...]))
        }
        while taken < input.count || isOutputFull {
            let before = taken
            let bytes = try inflatePiece()
            if !bytes.isEmpty { return try count(bytes) }
            if taken == before { break }
        }
        return nil
    }

    /// The end of the file: what was too short to be told.
    ///
    /// - Throws: `malformed` when the compression is cut short.
    package func finish() throws(WeChatPayError) -> [UInt8]? {
        if kind == .unknown { kind = .plain }
        if let bytes = try next() { return bytes }
        guard kind == .plain || isBetweenMembers else {
            throw WeChatPayError(.malformed, "the bill is cut short: its gzip stream does not end")
        }
        return nil
    }

    private func count(_ bytes: [UInt8]) throws(WeChatPayError) -> [UInt8] {
        produced += bytes.count
        guard produced <= limit else {
            throw WeChatPayError(.responseTooLarge, "the bill has more than \(limit) bytes when it is uncompressed")
        }
        return bytes
    }

    private func inflatePiece() throws(WeChatPayError) -> [UInt8] {
        if !isOpen {
            // 15 is the largest window; 32 more lets zlib read the header of gzip.
            guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                throw WeChatPayError(.malformed, "zlib could not be started")
            }
            isOpen = true
        }
        if isBetweenMembers {
            inflateReset(&stream)
            isBetweenMembers = false
        }
        var status = Z_OK
        var used = 0
        // One byte more than allowed is enough to know; a bomb is never unpacked.
        let room = min(Self.pieceLength, limit - produced + 1)
        let output = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            input.withUnsafeBufferPointer { bytes in
                // zlib's interface is older than const; it only reads.
                stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.advanced(by: taken))
                stream.avail_in = UInt32(clamping: bytes.count - taken)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(clamping: buffer.count)
                let available = stream.avail_in
                status = inflate(&stream, Z_NO_FLUSH)
                used = Int(available - stream.avail_in)
                stream.next_in = nil
            }
            count = room - Int(stream.avail_out)
            stream.next_out = nil
        }
        isOutputFull = output.count == room && status == Z_OK
        taken += used
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        default: throw WeChatPayError(.malformed, "the bill is not valid gzip")
        }
        return output
    }
}
