/// Orders first in, first out, without moving the rest for each that leaves.
struct OrderQueue {
    private var orders: [Order] = []
    private var head = 0

    var count: Int { orders.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ order: Order) {
        orders.append(order)
    }

    mutating func popFirst(_ limit: Int) -> [Order] {
        let end = min(head + limit, orders.count)
        defer {
            head = end
            if head == orders.count {
                orders.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 4_096 {
                orders.removeFirst(head)
                head = 0
            }
        }
        return Array(orders[head..<end])
    }
}
