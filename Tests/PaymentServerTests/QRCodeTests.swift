import CZlib
import Testing

@testable import PaymentServer

@Suite("QR codes")
struct QRCodeTests {
    /// 37 bytes: a symbol of version 3, 29 modules on a side.
    static let codeURL = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"

    @Test(
        "A reader finds the text in the modules",
        arguments: [codeURL, "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&g", "微信支付 code 二维码 abc"])
    func readable(_ text: String) throws {
        let code = try QRCode(text)
        #expect(code.size == 29)
        #expect(try QRReader(code).text() == text)
    }

    @Test("An empty text, one with a NUL and one that is too long have no code")
    func refused() throws {
        for text in ["", "a\0b", String(repeating: "x", count: 2332)] {
            #expect(throws: QRCodeError.self) { try QRCode(text) }
        }
        #expect(try QRCode(String(repeating: "x", count: 2331)).size == 177, "version 40-M holds 2,331 bytes")
    }

    @Test("The SVG draws exactly the dark modules, inside of a quiet zone of four")
    func svg() throws {
        let code = try QRCode(Self.codeURL)
        let svg = code.svg
        #expect(svg.contains(#"viewBox="0 0 37 37""#))
        let path = try #require(svg.split(separator: #"d=""#).last?.split(separator: "\"").first)
        var drawn: [[Bool]] = Array(repeating: Array(repeating: false, count: 37), count: 37)
        for run in path.split(separator: "M") {
            let numbers = run.split { !$0.isNumber && $0 != "-" }.compactMap { Int($0) }
            try #require(numbers.count == 5 && numbers[3] == 1 && numbers[4] == -numbers[2], "\(run)")
            for column in numbers[0]..<numbers[0] + numbers[2] { drawn[numbers[1]][column] = true }
        }
        expectPicture(drawn, of: code)
    }

    @Test("The PNG is a picture of one bit of grey, its sums are right, and its pixels are the modules", arguments: [1, 3, 8])
    func png(_ scale: Int) throws {
        let code = try QRCode(Self.codeURL)
        let png = try code.png(scale: scale)
        #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var chunks: [(type: String, data: [UInt8])] = []
        var rest = png.dropFirst(8)
        while !rest.isEmpty {
            let length = Int(number(rest.prefix(4)))
            let body = rest.dropFirst(4).prefix(4 + length)
            try #require(body.count == 4 + length)
            #expect(number(rest.dropFirst(8 + length).prefix(4)) == checksum(body))
            chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
            rest = rest.dropFirst(12 + length)
        }
        #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
        let side = 37 * scale
        #expect(chunks[0].data == bytes(side) + bytes(side) + [1, 0, 0, 0, 0])
        #expect(chunks[2].data == [])
        let width = 1 + (side + 7) / 8
        var length = uLong(width * side)
        var pixels = [UInt8](repeating: 0, count: width * side)
        #expect(uncompress(&pixels, &length, chunks[1].data, uLong(chunks[1].data.count)) == Z_OK)
        #expect(Int(length) == pixels.count)
        func isDark(_ x: Int, _ y: Int) -> Bool { pixels[y * width + 1 + x / 8] & (0x80 >> UInt8(x % 8)) == 0 }
        for y in 0..<side {
            #expect(pixels[y * width] == 0, "no filter")
            for x in 0..<side where isDark(x, y) != isDark(x / scale * scale, y / scale * scale) {
                Issue.record("pixel \(x), \(y) is not that of its module")
            }
        }
        expectPicture((0..<37).map { row in (0..<37).map { isDark($0 * scale, row * scale) } }, of: code)
    }

    private func expectPicture(_ drawn: [[Bool]], of code: QRCode, sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = (0..<37).map { row in
            (0..<37).map { column in
                (4..<33).contains(row) && (4..<33).contains(column) && code.isDark(row: row - 4, column: column - 4)
            }
        }
        #expect(drawn == expected, sourceLocation: sourceLocation)
    }

    private func number(_ bytes: some Sequence<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
    private func bytes(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    /// CRC-32 of ISO 3309, bit by bit.
    private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 {
                let half = sum >> 1
                sum = sum & 1 == 1 ? half ^ 0xEDB8_8320 : half
            }
        }
        return ~sum
    }
}

/// Reads symbols of version 3-M, byte mode, as the standard has it; it mends nothing, so each module must be right.
private struct QRReader {
    let code: QRCode
    private let size = 29

    init(_ code: QRCode) { self.code = code }

    func text() throws -> String {
        let bits = dataBits(mask: try mask())
        var position = 0
        func take(_ count: Int) -> Int {
            defer { position += count }
            return bits[position..<position + count].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
        try #require(take(4) == 0b0100, "byte mode")
        let length = take(8)
        return String(decoding: (0..<length).map { _ in UInt8(take(8)) }, as: UTF8.self)
    }

    /// The mask's number out of the format information beside the upper left finder pattern.
    private func mask() throws -> Int {
        let places = (0...5).map { (8, $0) } + [(8, 7), (8, 8), (7, 8)] + (0...5).reversed().map { ($0, 8) }
        let format = places.reduce(0) { $0 << 1 | (code.isDark(row: $1.0, column: $1.1) ? 1 : 0) } ^ 0b101_0100_0001_0010
        try #require(format >> 13 == 0b00, "error correction M")
        return format >> 10 & 0b111
    }

    private func dataBits(mask: Int) -> [Bool] {
        var bits: [Bool] = []
        var isUp = true
        var right = size - 1
        while right > 0 {
            if right == 6 { right -= 1 }
            for step in 0..<size {
                let row = isUp ? size - 1 - step : step
                for column in [right, right - 1] where !isFunction(row, column) {
                    bits.append(code.isDark(row: row, column: column) != isInverted(mask, row, column))
                }
            }
            isUp.toggle()
            right -= 2
        }
        return bits
    }

    private func isFunction(_ row: Int, _ column: Int) -> Bool {
        let isFinder = row < 9 && (column < 9 || column >= size - 8) || row >= size - 8 && column < 9
        let isAlignment = (20...24).contains(row) && (20...24).contains(column)
        return isFinder || isAlignment || row == 6 || column == 6
    }

    private func isInverted(_ mask: Int, _ i: Int, _ j: Int) -> Bool {
        switch mask {
        case 0: (i + j) % 2 == 0
        case 1: i % 2 == 0
        case 2: j % 3 == 0
        case 3: (i + j) % 3 == 0
        case 4: (i / 2 + j / 3) % 2 == 0
        case 5: i * j % 2 + i * j % 3 == 0
        case 6: (i * j % 2 + i * j % 3) % 2 == 0
        default: ((i + j) % 2 + i * j % 3) % 2 == 0
        }
    }
}
