/// The ASCII characters that a name of the configuration may be made of.
enum ConfigurationCharacters: String {
    case digits = "digits"
    case hexadecimal = "hexadecimal digits"
    case alphanumeric = "letters and digits"
    case identifier = "letters, digits, _ and -"
    /// Of what WeChat lets a merchant order number be made.
    case orderNumber = "letters, digits, _, -, | and *"
    /// What may stand in an HTTP header without spaces.
    case visible = "visible ASCII characters"

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .digits: ("0"..."9").contains(scalar)
        case .hexadecimal:
            Self.digits.contains(scalar) || ("a"..."f").contains(scalar) || ("A"..."F").contains(scalar)
        case .alphanumeric:
            Self.digits.contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
        case .identifier: Self.alphanumeric.contains(scalar) || scalar == "_" || scalar == "-"
        case .orderNumber: Self.identifier.contains(scalar) || scalar == "|" || scalar == "*"
        case .visible: ("!"..."~").contains(scalar)
        }
    }
}
