// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built the same way, so that the compiler holds the walls.
let language: [SwiftSetting] =
    [
        "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
        "NonisolatedNonsendingByDefault", "InferIsolatedConformances", "ImmutableWeakCaptures",
    ].map { SwiftSetting.enableUpcomingFeature($0) } + [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// Sources mark every expression that leaves the language's memory safety; tests need not.
let strict = language + [.strictMemorySafety()]

func house(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: language)
}

let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let nioExtras: Target.Dependency = .product(name: "NIOExtras", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")

let package = Package(
    name: "keyturn",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "keyturn", targets: ["keyturn"]),
        .library(name: "KeyturnClient", targets: ["KeyturnClient"]),
        .library(name: "KeyturnConfiguration", targets: ["KeyturnConfiguration"]),
        .library(name: "KeyturnTesting", targets: ["KeyturnTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.29.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // C libraries from Debian, and small pieces that Swift cannot spell.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "CProcess"),
        .target(name: "CWipingAllocator"),
        .target(name: "CSupervision"),

        // The house, from the ground up.
        house("SecretMemory", ["CSodium", "CProcess"]),
        house("Sealing", ["SecretMemory", "CSodium", "CArgon2", protobuf], exclude: ["records.proto"]),
        house("Storage"),
        house("SQLiteStorage", ["Storage", "CProcess", grdb, .product(name: "GRDBSQLite", package: "GRDB.swift")]),
        house("StrictYAML", [yams]),
        house("Policy", ["StrictYAML"]),
        house("IssuedKeys", ["SecretMemory", "CSodium"]),
        house("Audit", ["SecretMemory", "CSodium", "CProcess"]),
        house("KeyImport", ["SecretMemory"]),
        house("Rotation", ["SecretMemory"]),
        house("Usage"),
        house("Vault", ["SecretMemory", "Sealing", "Storage", "Policy", "IssuedKeys", "Audit", "Usage", "Rotation"]),
        // What reaches out: requests to one host, programs of the operator's.
        house(
            "Outbound",
            [
                "SecretMemory", "CSodium", "CProcess", asyncHTTPClient, nio("NIOCore"), nio("NIOPosix"),
                nio("NIOHTTP1"), nioSSL,
            ]),
        house("Rotators", ["Rotation", "SecretMemory", "StrictYAML", "Outbound", "CSodium", "CPostgres"]),
        house("Notices", ["Rotation", "Outbound", "VaultAPI", "SecretMemory"]),
        house("VaultAPI", ["SecretMemory"]),
        // What an application keeps of its keys for an outage.
        house("LastKnownGood", ["SecretMemory", "CSodium"]),
        // Pages for people, which know no HTTP server: `Server` mounts them.
        house(
            "Console",
            ["Vault", "VaultAPI", "Policy", "IssuedKeys", "Rotation", "Usage", "SecretMemory", "CSodium", mustache],
            resources: [.embedInCode("Assets")]),
        house(
            "Server",
            [
                "Console", "Vault", "VaultAPI", "Policy", "IssuedKeys", "Rotation", "Usage", "SecretMemory", "CProcess",
                hummingbirdCore, serviceLifecycle, logging, httpTypes, nioSSL, nioHTTPTypes, nioExtras, nio("NIOCore"),
                nio("NIOPosix"),
                nio("NIOHTTP1"),
            ]),
        house(
            "KeyturnClient",
            [
                "VaultAPI", "SecretMemory", asyncHTTPClient, nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nioSSL,
            ]),
        // For the applications of others.
        house("KeyturnConfiguration", ["KeyturnClient", "VaultAPI", "SecretMemory", configuration]),
        house(
            "KeyturnTesting",
            [
                "KeyturnClient", "Server", "Vault", "VaultAPI", "Audit", "Sealing", "Storage", "SecretMemory",
                serviceLifecycle, logging,
            ]),
        .executableTarget(
            name: "keyturn",
            dependencies: [
                "SecretMemory", "SQLiteStorage", "Policy", "IssuedKeys", "Audit", "KeyImport", "Vault", "VaultAPI",
                "Rotation", "Rotators", "Notices", "Outbound", "StrictYAML", "Server", "KeyturnClient", "LastKnownGood",
                "CProcess", "CSupervision", "CWipingAllocator", argumentParser, serviceLifecycle, unixSignals, logging,
                yams, nio("NIOCore"), nio("NIOPosix"),
            ],
            swiftSettings: strict),
        tests("SecretMemoryTests", ["SecretMemory"]),
        tests("AuditTests", ["Audit", "SecretMemory", "TestThreads"], resources: [.copy("Reader")]),
        tests("SealingTests", ["Sealing", "SecretMemory"], resources: [.copy("Reader")]),
        tests("VaultAPITests", ["VaultAPI", "SecretMemory"]),
        tests(
            "ServerTests",
            [
                "Console", "Server", "Vault", "VaultAPI", "Policy", "IssuedKeys", "Rotators", "Audit", "Sealing",
                "Storage",
                "SecretMemory",
                serviceLifecycle, logging, httpTypes, nioSSL, nioHTTPTypes, nio("NIOCore"), nio("NIOPosix"),
                nio("NIOHTTP1"), nio("NIOEmbedded"),
            ]),
        tests(
            "ConsoleTests",
            [
                "Console", "Server", "Vault", "VaultAPI", "Policy", "IssuedKeys", "Rotation", "Rotators", "Audit",
                "Sealing",
                "Storage", "Usage", "SecretMemory", mustache,
            ]),
        tests(
            "CommandTests",
            [
                "keyturn", "KeyturnClient", "KeyturnTesting", "Vault", "VaultAPI", "Audit", "Notices", "Outbound",
                "Rotation", "SecretMemory", argumentParser,
            ]),
        tests("IssuedKeysTests", ["IssuedKeys", "SecretMemory"]),
        tests("RotationTests", ["Rotation", "RotationSimulation", "SecretMemory"]),
        tests(
            "RotatorsTests",
            [
                "Rotators", "Rotation", "Outbound", "SecretMemory", "FakeServer", "RealServers", "TestThreads",
                nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nioSSL,
            ]),
        tests("NoticesTests", ["Notices", "Rotation", "Outbound", "SecretMemory", "FakeServer"]),
        tests("KeyturnClientTests", ["KeyturnClient", "KeyturnTesting", "VaultAPI", "SecretMemory", "FakeServer"]),
        tests(
            "KeyturnConfigurationTests",
            [
                "KeyturnConfiguration", "KeyturnTesting", "KeyturnClient", configuration,
                .product(name: "ConfigurationTesting", package: "swift-configuration"),
            ]),
        tests("LastKnownGoodTests", ["LastKnownGood", "SecretMemory"]),
        tests("KeyImportTests", ["KeyImport", "SecretMemory"], resources: [.copy("Fixtures")]),
        tests("PolicyTests", ["Policy"]),
        tests("UsageTests", ["Usage"]),
        tests(
            "VaultTests",
            [
                "Vault", "SecretMemory", "Sealing", "Storage", "StorageConformance", "Policy", "IssuedKeys", "Audit",
                "Usage", "Rotation", "Rotators", "Outbound",
            ]),

        // Storage's tests. `StorageConformance` is for the tests of every store and of what stands on one;
        // `StorageTestProcess` is a program that those tests run, kill and starve.
        .target(
            name: "StorageConformance", dependencies: ["Storage"], path: "Tests/StorageConformance",
            swiftSettings: language),
        .target(name: "CStorageFaults", path: "Tests/CStorageFaults"),
        .executableTarget(
            name: "StorageTestProcess", dependencies: ["Storage", "SQLiteStorage", "CStorageFaults"],
            path: "Tests/StorageTestProcess", swiftSettings: language),
        tests("StorageTests", ["Storage", "StorageConformance"]),
        tests("SQLiteStorageTests", ["Storage", "SQLiteStorage", "StorageConformance", "TestThreads", grdb]),

        // Years of rotations from a seed, for the tests and for a program that runs thousands of seeds.
        .target(
            name: "RotationSimulation", dependencies: ["Rotation"], path: "Tests/RotationSimulation",
            swiftSettings: language),
        .executableTarget(
            name: "SimulateRotations", dependencies: ["RotationSimulation"], path: "Tests/SimulateRotations",
            swiftSettings: language),

        // An HTTP server that answers as a test says, for what reaches out.
        .target(
            name: "FakeServer",
            dependencies: [nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nioSSL], path: "Tests/FakeServer",
            swiftSettings: language),

        // Servers from Debian and PyPI, each of a test's own.
        .target(name: "RealServers", path: "Tests/RealServers", swiftSettings: language),

        // Threads for tests that block the one that they run on.
        .target(name: "TestThreads", path: "Tests/TestThreads", swiftSettings: language),

        // What `scripts/bench` compares the server with: the same one, without its audit log.
        .executableTarget(
            name: "UnauditedServer",
            dependencies: [
                "SecretMemory", "SQLiteStorage", "Policy", "Audit", "Vault", "Server", "CWipingAllocator",
                serviceLifecycle, unixSignals, logging,
            ],
            path: "Benchmarks/UnauditedServer", swiftSettings: strict),

        // And SwiftNIO by itself, which nothing that is built on it can be faster than.
        .executableTarget(
            name: "BareServer", dependencies: [nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1")],
            path: "Benchmarks/BareServer", swiftSettings: strict),

        // Whether the time of a verification tells an id that is there from one that is not.
        .executableTarget(
            name: "VerifyTiming",
            dependencies: ["SecretMemory", "IssuedKeys", "Storage", "Sealing", "Audit", "Vault"],
            path: "Benchmarks/VerifyTiming", swiftSettings: strict),

        // The built program, driven as its users drive it.
        tests(
            "EndToEndTests", ["KeyImport", "KeyturnClient", "RealServers", "SecretMemory", "Sealing", "TestThreads"],
            exclude: ["Programs"]),
    ]
)
