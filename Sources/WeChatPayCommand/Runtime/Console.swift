import Foundation

/// What a command says on stdout: a few lines for a person, or one JSON object a line for a program.
struct Console: Sendable {
    let isTerminal: Bool
    let texts: Texts

    /// A person sits in front of a terminal; anything else is a program.
    static func current(environment: [String: String] = ProcessInfo.processInfo.environment) -> Console {
        Console(isTerminal: isatty(STDOUT_FILENO) == 1, texts: Texts(language: Language(environment: environment)))
    }

    /// A line for a person only.
    func say(_ english: String, _ chinese: String) {
        if isTerminal { write(texts(english, chinese)) }
    }

    /// Something is ready to be used.
    func ready(_ name: String, url: String, note: @autoclosure () -> String) {
        if isTerminal {
            write("  \(green("●")) \(pad(name, 13)) \(url)\(note().isEmpty ? "" : "   \(dim(note()))")")
        } else {
            write(json(["event": "ready", "name": name, "url": url]))
        }
    }

    /// A step of the demonstration.
    func step(_ purchase: String, _ name: String, _ label: (String, String), ok: Bool, detail: String, milliseconds: Int64) {
        if isTerminal {
            let mark = ok ? green("✓") : red("✗")
            write("  \(mark) \(pad(texts(label.0, label.1), 26)) \(pad(detail, 74)) \(dim("\(milliseconds) ms"))")
        } else {
            write(
                json([
                    "event": "step", "purchase": purchase, "name": name, "ok": ok, "detail": detail,
                    "milliseconds": milliseconds,
                ]))
        }
    }

    /// The one thing that a command was asked for: lines for a person, an object for a program.
    func result(_ object: [String: any Sendable], lines: [String]) {
        if isTerminal { lines.forEach(write) } else { write(json(object)) }
    }

    /// A program must be able to tell that the demonstration ended well, or why not.
    func outcome(ok: Bool, detail: String) {
        if isTerminal {
            write("\n" + (ok ? green(detail) : red(detail)))
        } else {
            write(json(["event": "outcome", "ok": ok, "detail": detail]))
        }
    }

    private func write(_ line: String) {
        // Nobody listens any more (`| head`), or the disk is full: no reason to let a payment server die.
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    private func json(_ object: [String: any Sendable]) -> String {
        let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Pads to a width in columns; a Chinese character takes two.
    private func pad(_ text: String, _ width: Int) -> String {
        let columns = text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 && $1.value < 0x1_0000 ? 2 : 1) }
        return text + String(repeating: " ", count: max(0, width - columns))
    }

    private func green(_ text: String) -> String { "\u{1B}[32m\(text)\u{1B}[0m" }
    private func red(_ text: String) -> String { "\u{1B}[31m\(text)\u{1B}[0m" }
    private func dim(_ text: String) -> String { "\u{1B}[2m\(text)\u{1B}[0m" }
}
