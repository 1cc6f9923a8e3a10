/// A hand-off as one flat object: its type and its fields.
package struct HandOffView: Encodable {
    private let fields: [String: String]

    package init(_ handOff: ClientHandOff) {
        fields = handOff.fields.merging(["type": handOff.type]) { own, _ in own }
    }

    package func encode(to encoder: any Encoder) throws {
        try fields.encode(to: encoder)
    }
}
