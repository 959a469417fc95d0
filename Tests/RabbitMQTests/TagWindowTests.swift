import Testing

@testable import RabbitMQ

@Suite("The window of delivery tags")
struct TagWindowTests {
    @Test("it holds what a set would hold, in whatever order tags leave", arguments: 0..<20)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = TagWindow()
        var set: Set<UInt64> = []
        var next: UInt64 = 1
        for _ in 0..<3_000 {
            if set.count < 100, Bool.random(using: &random) {
                window.append(next)
                set.insert(next)
                next += 1
            } else if let tag = Int.random(in: 0..<50, using: &random) == 0
                ? set.randomElement(using: &random) : set.min()
            {
                set.remove(tag)
                let (wasThere, isThere) = (window.remove(tag), window.remove(tag))
                #expect(wasThere && !isThere)
            }
            #expect(window.count == set.count && window.wordCount <= 64)
        }
        for tag in 0..<next + 10 { #expect(window.contains(tag) == set.contains(tag)) }
    }

    @Test("those that stay while many pass by are still there, and can leave")
    func stragglers() {
        var window = TagWindow()
        for tag in 1...100_000 as ClosedRange<UInt64> {
            window.append(tag)
            guard !tag.isMultiple(of: 10_000) else { continue }
            let wasThere = window.remove(tag)
            #expect(wasThere)
        }
        #expect(window.count == 10 && window.wordCount <= 64)
        for tag in stride(from: 10_000, through: 100_000, by: 10_000) as StrideThrough<UInt64> {
            let (isThere, wasThere) = (window.contains(tag), window.remove(tag))
            #expect(isThere && wasThere && !window.contains(tag))
        }
        #expect(window.isEmpty && window.wordCount <= 1 && !window.contains(.max))
    }
}
