import Synchronization

/// A repeatable sequence of bytes from a seed (SplitMix64). For tests and simulations only: it is not secret.
public final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    /// The sequence of `seed`.
    public init(_ seed: UInt64) {
        state = Mutex(seed)
    }

    public func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            var result: [UInt8] = []
            result.reserveCapacity(count)
            while result.count < count {
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = state
                word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                word ^= word >> 31
                withUnsafeBytes(of: word.littleEndian) { result.append(contentsOf: $0.prefix(count - result.count)) }
            }
            return result
        }
    }
}
