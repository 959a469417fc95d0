public import OrderEvents
public import WorkQueue

extension OrderCreated: EventPayload {
    /// What the queue's messages of this kind are marked with: `order.created`.
    public static var eventType: String { type }
}

extension InventoryRejected: EventPayload {
    /// What the queue's messages of this kind are marked with: `inventory.rejected`.
    public static var eventType: String { type }
}
