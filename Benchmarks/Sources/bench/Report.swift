import Foundation

/// The table at the end.
struct Report {
    private struct Row {
        let what: String
        let measured: String
        let reference: String
        let ratio: String
        let target: String
        let met: String

        var cells: [String] { [what, measured, reference, ratio, target, met] }
    }

    private var rows: [Row] = []

    /// A figure next to another of the same run; the target, where there is one, is for their ratio.
    mutating func add(_ what: String, _ measured: String, of reference: String, ratio: Double, atLeast target: Double? = nil) {
        rows.append(
            Row(
                what: what, measured: measured, reference: reference, ratio: decimals(ratio, 2),
                target: target.map { "≥ \(decimals($0, 2))" } ?? "–",
                // The ratio that is shown is the one that is judged.
                met: target.map { (ratio * 100).rounded() >= $0 * 100 ? "yes" : "NO" } ?? "–"))
    }

    /// A figure that must stay below a limit.
    mutating func add(_ what: String, _ measured: Double, below limit: Double, _ unit: String, digits: Int) {
        rows.append(
            Row(
                what: what, measured: "\(decimals(measured, digits)) \(unit)", reference: "–", ratio: "–",
                target: "< \(decimals(limit, 0)) \(unit)", met: measured < limit ? "yes" : "NO"))
    }

    /// A figure that stands for itself.
    mutating func add(_ what: String, _ measured: String) {
        rows.append(Row(what: what, measured: measured, reference: "–", ratio: "–", target: "–", met: "–"))
    }

    func show() {
        let head = ["what", "measured", "next to", "ratio", "target", "met"]
        let table = [head] + rows.map(\.cells)
        let widths = head.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        say("")
        for line in table {
            let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            say(cells.joined(separator: "  "))
        }
        let judged = rows.filter { $0.met != "–" }
        let missed = judged.count { $0.met == "NO" }
        guard !judged.isEmpty else { return }
        say("")
        say(
            missed == 0
                ? "Every target is met." : "\(missed) of the \(judged.count) targets \(missed == 1 ? "is" : "are") missed.")
    }
}

/// A line on stdout, at once.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// Why a benchmark could not be run.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

func decimals(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
}

/// A rate with thousands apart.
func perSecond(_ rate: Double) -> String {
    var digits = String(Int(rate.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",") + "/s"
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
