/// The port through which a text becomes a QR code.
package struct CodePictures: Sendable {
    let svg: @Sendable (String) throws -> [UInt8]
    let png: @Sendable (String) throws -> [UInt8]

    package init(svg: @escaping @Sendable (String) throws -> [UInt8], png: @escaping @Sendable (String) throws -> [UInt8]) {
        self.svg = svg
        self.png = png
    }
}
