import CZlib

extension QRCode {
    /// The code as PNG, one bit a pixel (ISO/IEC 15948).
    ///
    /// - Parameter scale: pixels a module, at least 1.
    /// - Throws: ``QRCodeError`` when zlib fails, which is when there is no memory.
    package func png(scale: Int = 8) throws(QRCodeError) -> [UInt8] {
        let scale = max(scale, 1)
        let side = (size + 2 * Self.quietZone) * scale
        // Width, height, one bit of grey, deflate, filters of method 0, not interlaced.
        let header = Self.bigEndian(UInt32(side)) + Self.bigEndian(UInt32(side)) + [1, 0, 0, 0, 0]
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        return signature + Self.chunk("IHDR", header) + Self.chunk("IDAT", try Self.deflated(rows(side, scale)))
            + Self.chunk("IEND", [])
    }

    /// The rows: each a filter byte (none) and its pixels, eight in a byte; 1 is white.
    private func rows(_ side: Int, _ scale: Int) -> [UInt8] {
        let width = (side + 7) / 8
        let margin = Self.quietZone * scale
        let blank = [0] + [UInt8](repeating: 0xFF, count: width)
        var bytes: [UInt8] = []
        for _ in 0..<margin { bytes += blank }
        for row in 0..<size {
            var line = blank
            for column in 0..<size where isDark(row: row, column: column) {
                let start = margin + column * scale
                for pixel in start..<start + scale { line[1 + pixel / 8] &= ~(0x80 >> UInt8(pixel % 8)) }
            }
            for _ in 0..<scale { bytes += line }
        }
        for _ in 0..<margin { bytes += blank }
        return bytes
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        let sum = UInt32(truncatingIfNeeded: crc32(0, body, uInt(body.count)))
        return bigEndian(UInt32(data.count)) + body + bigEndian(sum)
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    private static func deflated(_ bytes: [UInt8]) throws(QRCodeError) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&output, &length, bytes, uLong(bytes.count), Z_BEST_COMPRESSION) == Z_OK else {
            throw QRCodeError(reason: "zlib could not compress it")
        }
        return Array(output.prefix(Int(length)))
    }
}
