/// SHA-256 (FIPS 180-4): what whoever kept a key elsewhere has of it.
func sha256(_ message: [UInt8]) -> [UInt8] {
    let primes = (2...311).filter { number in (2..<number).allSatisfy { number % $0 != 0 } }
    let constants = primes.map { fraction(ofRoot: 3, of: $0) }
    var state = primes.prefix(8).map { fraction(ofRoot: 2, of: $0) }
    var bytes = message + [0x80]
    bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
    let bits = message.count * 8
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
    for start in stride(from: 0, to: bytes.count, by: 64) {
        state = digested(Array(bytes[start..<(start + 64)]), state, constants)
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
}

private func digested(_ block: [UInt8], _ before: [UInt32], _ constants: [UInt32]) -> [UInt32] {
    var words: [UInt32] = (0..<16).map { place in
        block[(4 * place)..<(4 * place + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    for place in 16..<64 {
        let (early, late) = (words[place - 15], words[place - 2])
        let first: UInt32 = turned(early, 7) ^ turned(early, 18) ^ (early >> 3)
        let second: UInt32 = turned(late, 17) ^ turned(late, 19) ^ (late >> 10)
        let old: UInt32 = words[place - 16] &+ words[place - 7]
        words.append(old &+ first &+ second)
    }
    var state = before
    for place in 0..<64 {
        let (a, e) = (state[0], state[4])
        let choice: UInt32 = (e & state[5]) ^ (~e & state[6])
        let majority: UInt32 = (a & state[1]) ^ (a & state[2]) ^ (state[1] & state[2])
        let mixed: UInt32 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
        let other: UInt32 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
        let added: UInt32 = constants[place] &+ words[place]
        let next: UInt32 = state[7] &+ mixed &+ choice &+ added
        state.removeLast()
        state[3] = state[3] &+ next
        state.insert(next &+ other &+ majority, at: 0)
    }
    return zip(before, state).map { pair in pair.0 &+ pair.1 }
}

private func turned(_ word: UInt32, _ places: UInt32) -> UInt32 { word >> places | word << (32 - places) }

/// The first 32 bits behind the point of a prime's square or cube root.
private func fraction(ofRoot power: Int, of prime: Int) -> UInt32 {
    var root: UInt128 = 0
    for bit in (0..<36).reversed() {
        let next: UInt128 = root | (UInt128(1) << bit)
        let raised: UInt128 = power == 2 ? next * next : next * next * next
        if raised <= UInt128(prime) << (32 * power) { root = next }
    }
    return UInt32(truncatingIfNeeded: root)
}
