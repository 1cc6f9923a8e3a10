import Configuration
import Yams

/// What one loading of a configuration knows and collects: it goes on after a problem, so that a person sees all of
/// them at once.
final class ConfigurationLoader {
    /// The configuration file, as it was given.
    let file: String
    /// The environment: where `…_env` keys look.
    let environment: [String: String]
    /// The environment as overrides of keys: `WECHATPAY_SERVER_PORT` for `server.port`.
    let overrides: ConfigReader
    /// Whether key files that others may read are taken, with a warning.
    var allowsReadableKeyFiles = false

    private(set) var warnings: [String] = []
    private var problems: [ConfigurationProblem] = []

    init(file: String, environment: [String: String]) {
        self.file = file
        self.environment = environment
        overrides = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
            .scoped(to: ["wechatpay"])
    }

    func report(_ problem: ConfigurationProblem) {
        problems.append(problem)
    }

    func report(_ message: String, at place: ConfigurationPlace) {
        report(ConfigurationProblem(place: place, message: message))
    }

    func warn(_ message: String, at place: ConfigurationPlace) {
        warnings.append("\(place): \(message)")
    }

    func place(of node: Node, in file: String) -> ConfigurationPlace {
        .file(file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// - Throws: all that was reported, if anything was: in the order of the configuration file, then of other files,
    ///   then of the environment.
    func throwProblems() throws(ConfigurationErrors) {
        guard !problems.isEmpty else { return }
        let sorted = problems.enumerated().sorted { left, right in
            let (a, b) = (order(left.element.place), order(right.element.place))
            return a == b ? left.offset < right.offset : a < b
        }
        throw ConfigurationErrors(problems: sorted.map(\.element))
    }

    private func order(_ place: ConfigurationPlace) -> (Int, Int, Int) {
        switch place {
        case .file(let path, let line, let column): (path == file ? 0 : 1, line, column)
        case .variable: (2, 0, 0)
        }
    }
}
