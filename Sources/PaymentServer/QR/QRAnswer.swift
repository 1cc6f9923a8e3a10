import HTTPTypes
import Hummingbird

/// QR codes as answers.
enum QRAnswer {
    static func svg(_ text: String) throws -> Response {
        JSONAnswer.bytes(Array(try QRCode(text).svg.utf8), contentType: "image/svg+xml; charset=utf-8")
    }

    static func png(_ text: String) throws -> Response {
        JSONAnswer.bytes(try QRCode(text).png(), contentType: "image/png")
    }
}
