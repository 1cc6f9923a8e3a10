/// Picks, of a text in two languages, the one to show; both stand side by side where they are used.
struct Texts: Sendable {
    /// The language of every text.
    let language: Language

    func callAsFunction(_ english: String, _ chinese: String) -> String {
        language == .chinese ? chinese : english
    }
}
