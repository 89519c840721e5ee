import Testing

@testable import FanOut

@Suite("A list that is short most of the time")
struct ShortListTests {
    @Test("it holds what an array holds, in the same order", arguments: 0..<16)
    func isLikeAnArray(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var list = ShortList<Int>()
        var array: [Int] = []
        for step in 0..<100 {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                list.append(step)
                array.append(step)
            case 1 where !array.isEmpty:
                #expect(list.removeLast() == array.removeLast())
            default:
                guard let index = array.indices.randomElement(using: &generator) else { continue }
                list[index] = -step
                array[index] = -step
            }
            #expect(Array(list) == array, "seed \(seed)")
            #expect(list.count == array.count && list.isEmpty == array.isEmpty)
        }
    }
}
