import Testing

/// Something that breaks under load and heals again.
///
/// The raw value is its name for `FAULT_SCRIPTS`.
enum FaultScript: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case wireCut = "wire-cut"
    case wireStalled = "wire-stalled"
    case wireDrips = "wire-drips"
    case wireDelays = "wire-delays"
    case wireHalfClosed = "wire-half-closed"
    case wireSwallows = "wire-swallows"
    case wireRefuses = "wire-refuses"
    case brokerKilled = "broker-killed"
    case brokerRestarted = "broker-restarted"
    case brokerFrozen = "broker-frozen"
    case memoryAlarm = "memory-alarm"
    case diskAlarm = "disk-alarm"
    case connectionsClosed = "connections-closed"
    case queueDeleted = "queue-deleted"
    case exchangeDeleted = "exchange-deleted"
    case permissionsRevoked = "permissions-revoked"
    case passwordChanged = "password-changed"
    case workersCrash = "workers-crash"
    case copiesCrash = "copies-crash"
    case orderServiceCrashes = "order-service-crashes"
    case everythingRestarted = "everything-restarted"

    var testDescription: String { rawValue }

    /// What this run consists of.
    static var chosen: [FaultScript] {
        guard let names = Laboratory.scripts else { return allCases }
        return allCases.filter { names.contains($0.rawValue) }
    }

    /// Breaks and heals; on return everything is whole again, though perhaps still busy.
    func play(on stage: Stage) async throws {
        var stage = stage
        switch self {
        case .wireCut: try await stage.cutWire()
        case .wireStalled: try await stage.stallWire()
        case .wireDrips: try await stage.dripWire()
        case .wireDelays: try await stage.delayWire()
        case .wireHalfClosed: try await stage.halfCloseWire()
        case .wireSwallows: try await stage.swallowOnWire()
        case .wireRefuses: try await stage.refuseOnWire()
        case .brokerKilled: try await stage.killBroker()
        case .brokerRestarted: try await stage.restartBroker()
        case .brokerFrozen: try await stage.freezeBroker()
        case .memoryAlarm: try await stage.raiseMemoryAlarm()
        case .diskAlarm: try await stage.raiseDiskAlarm()
        case .connectionsClosed: try await stage.closeConnections()
        case .queueDeleted: try await stage.deleteQueue()
        case .exchangeDeleted: try await stage.deleteExchange()
        case .permissionsRevoked: try await stage.revokePermissions()
        case .passwordChanged: try await stage.changePassword()
        case .workersCrash: try await stage.crashWorkers()
        case .copiesCrash: try await stage.crashBetweenCopies()
        case .orderServiceCrashes: try await stage.crashOrderService()
        case .everythingRestarted: try await stage.restartEverything()
        }
    }
}
