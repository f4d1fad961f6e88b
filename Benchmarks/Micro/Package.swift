// swift-tools-version: 6.2
import PackageDescription

// The engine without its server, its store and its command line, so that a build for measuring takes no longer than it must.
// `Keyturn` leads to the sources of the package around this one; `package` declarations are within reach because they are
// targets of this one here. What each may import is as in the package around.

let strict: [SwiftSetting] =
    [
        "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
        "NonisolatedNonsendingByDefault", "InferIsolatedConformances", "ImmutableWeakCaptures",
    ].map { SwiftSetting.enableUpcomingFeature($0) }
    + [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .strictMemorySafety()]

func house(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Keyturn/\(name)", exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "keyturn-micro",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .systemLibrary(name: "CSodium", path: "Keyturn/CSodium", pkgConfig: "libsodium"),
        .systemLibrary(name: "CArgon2", path: "Keyturn/CArgon2", pkgConfig: "libargon2"),
        .target(name: "CProcess", path: "Keyturn/CProcess"),
        .target(name: "CWipingAllocator", path: "Keyturn/CWipingAllocator"),
        house("SecretMemory", ["CSodium", "CProcess"]),
        house(
            "Sealing",
            ["SecretMemory", "CSodium", "CArgon2", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["records.proto"]),
        house("Storage"),
        house("StrictYAML", [.product(name: "Yams", package: "Yams")]),
        house("Policy", ["StrictYAML"]),
        house("IssuedKeys", ["SecretMemory", "CSodium"]),
        house("Audit", ["SecretMemory", "CSodium", "CProcess"]),
        house("Rotation", ["SecretMemory"]),
        house("Usage"),
        house("Vault", ["SecretMemory", "Sealing", "Storage", "Policy", "IssuedKeys", "Audit", "Usage", "Rotation"]),
        .executableTarget(
            name: "Micro",
            dependencies: [
                "SecretMemory", "Sealing", "Storage", "Policy", "IssuedKeys", "Audit", "Vault", "CWipingAllocator",
            ],
            path: "Program", swiftSettings: strict),
    ]
)
