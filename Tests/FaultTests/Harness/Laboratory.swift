import FoundationEssentials
import SystemPackage

/// What the environment says about a run of the laboratory.
enum Laboratory {
    private static let environment = ProcessInfo.processInfo.environment

    /// `FAULT_SEED`, else a random one; every script has its own from it.
    static let seed: UInt64 =
        environment["FAULT_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64(UInt32.max))

    /// `FAULT_RATE`: orders a second while something breaks.
    static let rate = environment["FAULT_RATE"].flatMap { Int($0) } ?? 40

    /// `FAULT_HOLD`: how many orders a fault that lasts is held for; `nil` lets the dice choose.
    static let hold = environment["FAULT_HOLD"].flatMap { Int($0) }

    /// `FAULT_CLUSTER`: whether to start a cluster, too.
    static let hasCluster = environment["FAULT_CLUSTER"] != nil

    /// `FAULT_SCRIPTS`: names of scripts, comma-separated; `nil` for the usual ones.
    static let scripts = environment["FAULT_SCRIPTS"].map { $0.split(separator: ",").map(String.init) }

    /// Says a line on standard error, and in the file `FAULT_REPORT` where there is one.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = try? FileDescriptor.standardError.writeAll(bytes)
        guard let path = environment["FAULT_REPORT"] else { return }
        let file = try? FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.append, .create],
            permissions: .ownerReadWrite
        )
        _ = try? file?.closeAfter { try file?.writeAll(bytes) }
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The dice of one script: another script of the same run rolls otherwise.
    init(seed: UInt64, for name: String) {
        // FNV-1a, since `hashValue` differs in every process.
        state = name.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
