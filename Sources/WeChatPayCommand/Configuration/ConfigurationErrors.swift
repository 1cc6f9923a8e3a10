/// Everything that is wrong with a configuration, a line each, in the order of the file.
struct ConfigurationErrors: Error, Equatable, CustomStringConvertible {
    /// At least one.
    let problems: [ConfigurationProblem]

    var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong, and where.
///
/// Neither part ever holds a secret: a value is quoted only where it is short and of a kind that is no secret.
struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    let place: ConfigurationPlace
    let message: String

    var description: String { "\(place): \(message)" }
}

/// Where a value of the configuration stands.
enum ConfigurationPlace: Equatable, Sendable, CustomStringConvertible {
    /// A file; line and column count from 1, columns in Unicode scalars.
    case file(String, line: Int, column: Int)
    /// An environment variable that overrides the file.
    case variable(String)

    var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .variable(let name): "environment variable \(name)"
        }
    }
}

/// Why a value or a file is refused: the rest of a sentence whose subject is its name.
struct ConfigurationComplaint: Error, Equatable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
