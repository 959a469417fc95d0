// swift-tools-version: 6.2
import PackageDescription

/// Warnings stop `Config/test` and CI; a newer compiler's new warning does not stop a user's first build.
let warnings: [SwiftSetting] =
    Context.environment["WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Named points at which tests end a program; `Config/test` builds with them, no other build has them.
let crashPoints: [SwiftSetting] =
    Context.environment["CRASH_POINTS"] == nil ? [] : [.define("CRASH_POINTS")]

/// Set by `Config/fuzz`: the library with which the bodies of Tests/Fuzzers become an instrumented program.
///
/// Without it they are a test over the kept inputs, and nothing below is different.
let fuzzerLibrary = Context.environment["FUZZER_LIBRARY"]
let isFuzzing = fuzzerLibrary != nil
let instrumentation: [SwiftSetting] =
    isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])] : []

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
    ] + warnings + crashPoints + instrumentation

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(
    name: "HummingbirdTLS",
    package: "hummingbird",
    condition: .when(traits: ["TLS"])
)
let nioSSL = Target.Dependency.product(
    name: "NIOSSL",
    package: "swift-nio-ssl",
    condition: .when(traits: ["TLS"])
)

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    guard isFuzzing else {
        return .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
    }
    // Linked into the fuzzers, which have a `main` of their own.
    let renamed = ["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "\(name)_main"]
    return .target(
        name: name,
        dependencies: dependencies,
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"] + renamed)]
    )
}

/// Everything that a program consuming one service's queue needs.
let service: [Target.Dependency] = ["OrderEvents", "WorkQueue", "Database", "ServiceKit", logging]

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The bodies in Tests/Fuzzers: a test, or the program `Fuzz`.
func fuzzers(_ dependencies: [Target.Dependency]) -> Target {
    guard let fuzzerLibrary else {
        return .testTarget(
            name: "FuzzerTests",
            dependencies: dependencies + ["TestSupport"],
            path: "Tests/Fuzzers",
            exclude: ["Corpus", "Program", "leaks.txt"],
            sources: ["Bodies", "CorpusTests.swift"],
            swiftSettings: settings
        )
    }
    return .executableTarget(
        name: "Fuzz",
        dependencies: dependencies,
        path: "Tests/Fuzzers",
        exclude: ["Corpus", "CorpusTests.swift", "leaks.txt"],
        sources: ["Bodies", "Program"],
        swiftSettings: settings,
        linkerSettings: [.unsafeFlags(["-sanitize=address", fuzzerLibrary, "-lstdc++"])]
    )
}

let products: [Product] = [
    .executable(name: "order-service", targets: ["OrderService"]),
    .executable(name: "notification-worker", targets: ["NotificationWorker"]),
    .executable(name: "inventory-worker", targets: ["InventoryWorker"]),
    .executable(name: "analytics-worker", targets: ["AnalyticsWorker"]),
    .executable(name: "loyalty-worker", targets: ["LoyaltyWorker"]),
    .executable(name: "orderctl", targets: ["OrderCtl"]),
]

let package = Package(
    name: "order-events",
    platforms: [.macOS(.v15)],
    products: isFuzzing ? [] : products,
    traits: [
        .trait(name: "TLS", description: "An order service that answers HTTPS itself, by swift-nio-ssl.")
    ],
    dependencies: [
        // HTTP server of the order service and of every worker's health and metrics.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git",
            .upToNextMinor(from: "2.28.1"),
            traits: []
        ),
        // What Hummingbird stands on; named for the address of a listening server.
        .package(url: "https://github.com/apple/swift-nio.git", .upToNextMinor(from: "2.101.2")),
        // TLS of the HTTP server, built with the trait `TLS` only: it takes longer than all the rest.
        .package(url: "https://github.com/apple/swift-nio-ssl.git", .upToNextMinor(from: "2.37.2")),
        // Templates of the customer's messages.
        .package(
            url: "https://github.com/hummingbird-project/swift-mustache.git",
            .upToNextMinor(from: "2.1.1")
        ),
        // SQLite, the embedded store.
        .package(url: "https://github.com/groue/GRDB.swift.git", .upToNextMinor(from: "7.10.0")),
        // The operator's command line.
        .package(url: "https://github.com/apple/swift-argument-parser.git", .upToNextMinor(from: "1.8.2")),
        // Flag, environment, file, default: one reader for all settings.
        .package(
            url: "https://github.com/apple/swift-configuration.git",
            .upToNextMinor(from: "1.4.0"),
            traits: ["CommandLineArguments", "YAML"]
        ),
        // Facades that libraries log and count through.
        .package(url: "https://github.com/apple/swift-log.git", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics.git", .upToNextMinor(from: "2.13.0")),
        // Start, graceful shutdown and signals of every long-running part.
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git",
            .upToNextMinor(from: "2.13.0")
        ),
        // Child processes of `orderctl up`, and the servers that tests start.
        .package(
            url: "https://github.com/swiftlang/swift-subprocess.git",
            .upToNextMinor(from: "1.0.2"),
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-system.git", .upToNextMinor(from: "1.8.1")),
        // Queues; what Hummingbird stands on has it already.
        .package(url: "https://github.com/apple/swift-collections.git", .upToNextMinor(from: "1.6.0")),
    ],
    targets: [
        // Floor 0: C, headers and shims only.
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // TLS to the broker, by the library that the system has.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),

        // Hashes, for whoever needs one; imports nothing.
        library("Digests"),

        // Floor 1: one thread owns one thing.
        library("Confinement", ["CLinux"]),
        // Nothing but in a build for tests: the points at which they end a program.
        library("CrashPoints"),

        // Floor 2: the broker client; C only in its Wire folder.
        library(
            "RabbitMQ",
            [
                "CRabbitMQ", "COpenSSL", "CLinux", "Confinement", "CrashPoints", deque, lifecycle, logging,
            ]
        ),

        // Floor 3: work-queue semantics.
        library("EventFilter"),
        library("WorkQueue", ["CrashPoints", "EventFilter", "RabbitMQ", lifecycle, logging, metrics]),

        // Floor 4: the shared event contract, and durable storage.
        library("OrderEvents"),
        library("Database", [grdb]),
        library("EventLog", ["Database", "OrderEvents", "WorkQueue", "RabbitMQ"]),
        library("Curl", ["CCurl"]),
        library("RabbitMQNode", ["Digests", subprocess, system, logging]),
        // A wire that can be broken, for tests and soaks.
        library("FaultProxy", ["Confinement", "RabbitMQNode"]),

        // Floor 5: what every program needs.
        library(
            "ServiceKit",
            [
                "CLinux", "CrashPoints", "RabbitMQ", "WorkQueue", "EventFilter", "OrderEvents", "Database",
                configuration, hummingbird, hummingbirdCore, nioCore, nioPosix, nioHTTP1, hummingbirdTLS,
                nioSSL,
                lifecycle, signals,
                logging, coreMetrics, metrics, system,
            ]
        ),

        // Floor 6: programs; they never import one another.
        program(
            "OrderService",
            [
                "CrashPoints", "Digests", "OrderEvents", "RabbitMQ", "WorkQueue", "Database", "EventLog",
                "ServiceKit", hummingbird, lifecycle, logging, metrics,
            ]
        ),
        program(
            "NotificationWorker",
            service + ["CrashPoints", "Curl", "Digests", mustache, lifecycle, metrics, system]
        ),
        program("InventoryWorker", service + ["CrashPoints", lifecycle, metrics]),
        program("AnalyticsWorker", service + ["CrashPoints", lifecycle, metrics]),
        program("LoyaltyWorker", service),
        program(
            "OrderCtl",
            [
                "CLinux", "Confinement", "Digests", "RabbitMQ", "WorkQueue", "OrderEvents", "Database",
                "EventLog", "ServiceKit", "Curl", "RabbitMQNode", "FaultProxy", arguments,
                subprocess, system, logging, lifecycle, signals,
            ]
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "Confinement", "RabbitMQ", "WorkQueue", "RabbitMQNode", "Curl", "Database", subprocess,
                system, logging, lifecycle,
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        fuzzers([
            "RabbitMQ", "WorkQueue", "EventFilter", "OrderEvents", "Database", "ServiceKit", "Curl",
            "OrderService", "NotificationWorker", "OrderCtl", configuration, system,
        ]),
        tests("ConfinementTests", ["Confinement", "TestSupport"]),
        tests("CrashPointsTests", ["CrashPoints", "TestSupport"]),
        tests("FaultProxyTests", ["FaultProxy", "Confinement", "TestSupport"]),
        tests("RabbitMQTests", ["RabbitMQ", "Confinement", "TestSupport", deque]),
        tests("WorkQueueTests", ["WorkQueue", "RabbitMQ", "TestSupport"]),
        tests("EventFilterTests", ["EventFilter", "WorkQueue", "RabbitMQ", "TestSupport", "CAllocations"]),
        // Counts the calls of malloc(3), for tests of what must not allocate.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        // What each message costs in allocations, against a baseline.
        .testTarget(
            name: "CostTests",
            dependencies: [
                "RabbitMQ", "WorkQueue", "EventFilter", "EventLog", "OrderService", "ServiceKit",
                "TestSupport",
                "CAllocations",
            ],
            exclude: ["baseline.txt"],
            swiftSettings: settings
        ),
        tests("OrderEventsTests", ["OrderEvents"]),
        tests(
            "EventLogTests",
            ["EventLog", "Database", "OrderEvents", "RabbitMQ", "WorkQueue", "TestSupport"]
        ),
        tests("CurlTests", ["Curl", "TestSupport"]),
        tests("DatabaseTests", ["Database", "TestSupport"]),
        tests(
            "ServiceKitTests",
            [
                "ServiceKit", "EventFilter", "RabbitMQ", "Database", "TestSupport", configuration, logging,
                coreMetrics, lifecycle, system, nioCore, nioEmbedded, nioHTTP1,
            ]
        ),
        tests(
            "OrderServiceTests",
            [
                "OrderService", "OrderEvents", "Database", "Digests", "EventLog", "RabbitMQ", "Curl",
                "ServiceKit",
                "TestSupport",
                "WorkQueue", hummingbird, lifecycle, logging,
            ]
        ),
        tests(
            "WorkerTests",
            [
                "NotificationWorker", "InventoryWorker", "AnalyticsWorker", "LoyaltyWorker", "ServiceKit",
                "Digests", "Database", "OrderEvents", "RabbitMQ", "Curl", "TestSupport", "WorkQueue", logging,
                lifecycle,
                system,
            ]
        ),
        tests(
            "OrderCtlTests",
            [
                "OrderCtl", "WorkQueue", "RabbitMQ", "RabbitMQNode", "Database", "EventLog", "OrderEvents",
                "TestSupport", arguments, system,
            ]
        ),
        tests(
            "BrokerTests",
            [
                "RabbitMQ", "EventFilter", "WorkQueue", "RabbitMQNode", "EventLog", "OrderEvents", "Curl",
                "TestSupport", logging, lifecycle, system,
            ]
        ),
        tests(
            "FaultTests",
            [
                "FaultProxy", "RabbitMQ", "RabbitMQNode", "Curl", "Database", "TestSupport", logging, system,
            ]
        ),
        tests(
            "EndToEndTests",
            [
                "RabbitMQ", "WorkQueue", "RabbitMQNode", "Curl", "Database", "OrderEvents", "TestSupport",
                logging,
            ]
        ),
    ]
)
