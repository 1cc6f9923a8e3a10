import CQREncode
import PaymentPrimitives

/// A QR code: its modules, and the pictures made of them (ISO/IEC 18004).
package struct QRCode: Sendable, Equatable {
    /// Modules on a side, without the quiet zone.
    package let size: Int
    /// Row by row; true is dark.
    let modules: [Bool]

    /// The light margin that a reader needs, in modules.
    package static let quietZone = 4

    /// Encodes a text in UTF-8 with error correction M (15 %), in the smallest symbol that holds it.
    ///
    /// - Throws: ``QRCodeError`` for an empty text, one with a NUL, or one that is too long.
    package init(_ text: String) throws(QRCodeError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else { throw QRCodeError(reason: "the text is empty or holds a NUL") }
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else {
            throw QRCodeError(reason: "\(bytes.count) bytes are too many for one code")
        }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        // The lowest bit of each byte is the module; the others tell what it is for.
        modules = UnsafeBufferPointer(start: code.pointee.data, count: size * size).map { $0 & 1 == 1 }
    }

    /// Whether the module is dark.
    package func isDark(row: Int, column: Int) -> Bool { modules[row * size + column] }
}

/// Why there is no QR code of a text.
package struct QRCodeError: Error, Equatable, CustomStringConvertible {
    let reason: String

    package var description: String { "no QR code: \(reason)" }
}
