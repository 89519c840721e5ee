// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 mode with warnings as errors: a warning that nobody reads is a defect that nobody sees.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // What borrows bytes says so in its type (`Bytes`, `LogLine`).
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioExtras = Target.Dependency.product(name: "NIOExtras", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// A layer of the house, which knows those that it names and none above (`docs/architecture.md`).
func layer(_ name: String, on dependencies: [Target.Dependency], embedding files: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: files.map { .embedInCode($0) }, swiftSettings: strict)
}

func program(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "tools/\(name)", swiftSettings: strict)
}

/// Fixtures are read by path: as resources they would need Foundation's bundles.
func tests(_ name: String, on dependencies: [Target.Dependency], excluding fixtures: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: fixtures, swiftSettings: strict)
}

let package = Package(
    name: "channelstream",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "channelstream", targets: ["channelstream"]),
        .executable(name: "channelstream-log", targets: ["channelstream-log"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        layer("LogValues", on: [crypto]),
        layer("RawJSON", on: ["LogValues"]),
        layer("EventLog", on: ["LogValues", "RawJSON", "CLZ4", crypto, systemPackage]),
        layer("Projections", on: ["LogValues", "RawJSON", collections]),
        layer("Archive", on: ["EventLog", "LogValues", "Projections", "RawJSON", collections, logging, systemPackage]),
        layer(
            "Web",
            on: [
                "LogValues", "RawJSON", collections, crypto, httpTypes, logging, nioCore, nioExtras, nioPosix,
                systemPackage,
            ]
        ),
        layer(
            "Hub",
            on: [
                "Archive", "EventLog", "LogValues", "Projections", "RawJSON", collections, logging, nioCore, nioPosix,
                systemPackage,
            ]
        ),
        layer(
            "FanOut",
            on: [
                "Hub", "Web", "Archive", "EventLog", "LogValues", "Projections", "RawJSON", collections, crypto,
                httpTypes, nioCore,
                nioPosix,
            ]
        ),
        layer(
            "Following",
            on: [
                "Hub", "Web", "Archive", "EventLog", "LogValues", "Projections", "RawJSON", asyncHTTPClient,
                collections, httpTypes,
                logging, nioCore, nioHTTP1, nioPosix, nioSSL, systemPackage,
            ]
        ),
        layer(
            "Server",
            on: [
                "FanOut", "Following", "Hub", "Web", "Archive", "EventLog", "LogValues", "Projections", "RawJSON",
                argumentParser,
                collections, crypto, httpTypes, logging, nioCore, nioPosix, serviceLifecycle,
                systemPackage, unixSignals,
            ],
            // Links to `clients/js`.
            embedding: ["Static/channelstream.js", "Static/channelstream.d.ts"]
        ),
        program("channelstream", on: ["EventLog", "Server"]),
        program(
            "channelstream-log",
            on: ["Archive", "EventLog", "LogValues", "Projections", "RawJSON", argumentParser, systemPackage]
        ),
        program(
            "benchmarks",
            on: [
                "Archive", "EventLog", "FanOut", "Following", "Hub", "LogValues", "Projections", "RawJSON", "Server",
                "TestSupport", "Web", argumentParser, httpTypes, nioCore, systemPackage,
            ]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["EventLog", "LogValues", "Projections", "RawJSON", systemPackage],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        tests("LogValuesTests", on: ["LogValues", "TestSupport"]),
        tests("RawJSONTests", on: ["RawJSON", "TestSupport"], excluding: ["Fixtures"]),
        tests(
            "EventLogTests",
            on: ["EventLog", "LogValues", "RawJSON", "TestSupport", systemPackage],
            excluding: ["Fixtures"]
        ),
        tests("ProjectionsTests", on: ["LogValues", "Projections", "RawJSON", "TestSupport"]),
        tests(
            "ToolTests",
            on: [
                "channelstream-log", "Archive", "EventLog", "LogValues", "Projections", "RawJSON", "TestSupport",
                argumentParser,
                systemPackage,
            ]
        ),
        tests("BenchmarksTests", on: ["benchmarks"]),
        tests(
            "ServerTests",
            on: [
                "Archive", "FanOut", "Following", "Hub", "LogValues", "Server", "TestSupport", "Web",
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            excluding: ["REST/Fixtures", "Sockets/Fixtures"]
        ),
    ]
)
