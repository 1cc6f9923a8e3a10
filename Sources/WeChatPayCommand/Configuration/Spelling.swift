/// Finds what somebody meant who wrote a name that does not exist.
enum Spelling {
    /// The one of `candidates` that is nearest to `word`, or `nil` when none is near. A candidate that only goes on
    /// where `word` ends (`private_key`, `private_key_file`) is near; so is a typing error in every third letter.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = word.lowercased().map { $0 == "-" ? "_" : $0 }
        let near = candidates.compactMap { candidate -> (distance: Int, candidate: String)? in
            let letters = Array(candidate)
            if letters.starts(with: word + ["_"]) { return (1, candidate) }
            let distance = distance(word, letters)
            return distance <= max(1, letters.count / 3) ? (distance, candidate) : nil
        }
        return near.min { $0.distance < $1.distance }?.candidate
    }

    /// The Levenshtein distance, with two letters swapped counting as one step.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var row = Array(0...right.count)
        for i in left.indices {
            var next = [i + 1]
            for j in right.indices {
                var best = min(row[j] + (left[i] == right[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, before[j - 1] + 1) }
                next.append(best)
            }
            (before, row) = (row, next)
        }
        return row[right.count]
    }
}
