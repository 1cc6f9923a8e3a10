/// The language in which the command line speaks to a person.
enum Language: Sendable, Equatable {
    case english, chinese

    /// The language that the environment asks for: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set to
    /// something decides, as POSIX has it. `zh…` is Chinese, all else is English.
    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let language = locale.prefix { $0 != "_" && $0 != "-" && $0 != "." && $0 != "@" }
        self = language.lowercased() == "zh" ? .chinese : .english
    }
}
