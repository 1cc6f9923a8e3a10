/// Shares of amounts, in whole fen.
enum Proportion {
    /// `value · numerator / denominator`, rounded half up. The numerator is at most the denominator, none is negative; 0
    /// when the denominator is 0.
    static func rounded(_ value: Int64, _ numerator: Int64, of denominator: Int64) -> Int64 {
        guard denominator > 0 else { return 0 }
        let divisor = denominator.magnitude
        let (quotient, remainder) = divisor.dividingFullWidth(value.magnitude.multipliedFullWidth(by: numerator.magnitude))
        return Int64(quotient) + (remainder >= divisor - remainder ? 1 : 0)
    }

    /// The share of one part, where a whole is given out part by part and a share of it along with each.
    ///
    /// The sum so far is rounded, not the part, so that the shares of all parts make exactly the whole share. When a part
    /// was taken back meanwhile, the limits keep a share from being negative or more than its part.
    ///
    /// - Parameters:
    ///   - part: the part that is given out now.
    ///   - before: the sum of the parts before it.
    ///   - whole: what there is to give out.
    ///   - share: the share of the whole.
    ///   - shareBefore: the shares that went with the parts before.
    static func next(_ part: Int64, before: Int64, whole: Int64, share: Int64, shareBefore: Int64) -> Int64 {
        let fair = rounded(share, before + part, of: whole) - shareBefore
        let othersLeft = (whole - share) - (before - shareBefore)
        return min(max(fair, max(0, part - othersLeft)), min(part, share - shareBefore))
    }
}
