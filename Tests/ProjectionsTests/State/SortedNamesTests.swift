import TestSupport
import Testing

@testable import Projections

@Suite("Sorted names")
struct SortedNamesTests {
    @Test("behave like a sorted set, at any size", arguments: [10, 300, 3_000])
    func modelled(size: Int) {
        var random = SeededGenerator(seed: UInt64(size))
        var names = SortedNames<UserName>()
        var model: Set<UserName> = []
        for step in 0..<size * 4 {
            let name = UserName("\(Int.random(in: 0..<size, using: &random))")
            // First it grows, then it shrinks, so that runs are halved and vanish.
            if random.chance(step < size * 2 ? 80 : 25) {
                #expect(names.insert(name) == model.insert(name).inserted)
            } else {
                #expect(names.remove(name) == (model.remove(name) != nil))
            }
            #expect(names.count == model.count)
            #expect(names.contains(name) == model.contains(name))
        }
        #expect(names.elements == model.sorted())
        for name in model.sorted() {
            names.remove(name)
        }
        #expect(names.isEmpty && names.elements.isEmpty)
    }
}
