// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")

// What only the trait OpenSSLSigning needs; nobody else has to have libssl-dev.
let openSSL = Target.Dependency.target(
    name: "COpenSSL", condition: .when(platforms: [.linux], traits: ["OpenSSLSigning"]))

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "swift-wechat-pay",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "WeChatPay", targets: ["WeChatPay", "PaymentPrimitives"]),
        .library(name: "WeChatPayV2", targets: ["WeChatPayV2", "WeChatPay", "PaymentPrimitives"]),
        .library(name: "WeChatPaySandbox", targets: ["WeChatPaySandbox"]),
        .executable(name: "wechatpay", targets: ["WeChatPayCommand"]),
    ],
    traits: [
        .trait(
            name: "OpenSSLSigning",
            description: "Signs with the system's OpenSSL 3, in about half the time. Linux only; needs libssl-dev.")
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // MARK: Rooms, in the order in which they may know each other (ARCHITECTURE.md)
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"]), .brew(["qrencode"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"]), .brew(["libxml2"])]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        room("PaymentPrimitives", []),
        room(
            "WeChatPay",
            [
                "PaymentPrimitives", "CZlib", openSSL, crypto, cryptoExtras, x509, asn1, httpTypes, logging, asyncHTTPClient,
                nioCore, nioHTTP1,
            ]),
        room(
            "WeChatPayV2",
            [
                "PaymentPrimitives", "WeChatPay", "CLibXML2", crypto, cryptoExtras, httpTypes, logging, asyncHTTPClient, nioCore,
                nioHTTP1, nioSSL,
            ]),
        room(
            "WeChatPaySandbox",
            [
                "PaymentPrimitives", "WeChatPay", "WeChatPayV2", "CZlib", crypto, cryptoExtras, x509, asn1, httpTypes, logging,
                hummingbird,
                hummingbirdTLS, nioCore, nioHTTP1, nioPosix, nioSSL, asyncHTTPClient, lifecycle,
            ]),
        room("Payments", ["PaymentPrimitives", logging]),
        room("PaymentChannels", ["PaymentPrimitives", "Payments", "WeChatPay", "WeChatPayV2", httpTypes]),
        room(
            "SQLDatabase",
            [
                "PaymentPrimitives", "CLibPQ", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room("PaymentStore", ["PaymentPrimitives", "Payments", "SQLDatabase"]),
        room(
            "PaymentServer",
            [
                "PaymentPrimitives", "Payments", "CQREncode", "CZlib", hummingbird, httpTypes, logging, lifecycle, crypto,
                asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioHTTPTypes,
            ]),
        room("Shop", ["PaymentPrimitives", "Payments", "SQLDatabase", hummingbird, httpTypes, logging, crypto, nioCore]),
        .executableTarget(
            name: "WeChatPayCommand",
            dependencies: [
                "PaymentPrimitives", "WeChatPay", "WeChatPayV2", "WeChatPaySandbox", "Payments", "PaymentChannels",
                "SQLDatabase", "PaymentStore", "PaymentServer", "Shop", hummingbird, httpTypes, logging, lifecycle,
                asyncHTTPClient, crypto,
                nioCore,
                nioPosix, nioHTTP1,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),

        // MARK: Tests
        tests("PaymentPrimitivesTests", ["PaymentPrimitives"]),
        tests("WeChatPayTests", ["WeChatPay", crypto, cryptoExtras, httpTypes, hummingbird, nioCore]),
        tests(
            "WeChatPayV2Tests",
            [
                "WeChatPayV2", "WeChatPay", "PaymentPrimitives", crypto, cryptoExtras, httpTypes, asyncHTTPClient, nioCore,
                nioSSL,
            ]),
        tests(
            "WeChatPaySandboxTests",
            [
                "WeChatPaySandbox", "WeChatPay", "WeChatPayV2", httpTypes, logging, asyncHTTPClient, crypto, cryptoExtras,
                nioCore, nioHTTP1,
                nioSSL, lifecycle,
            ]),
        // A database of either engine for a test: a file, or a schema of a PostgreSQL server that a test process starts.
        .target(
            name: "DatabaseHarness", dependencies: ["SQLDatabase"], path: "Tests/DatabaseHarness", swiftSettings: strict),
        tests("SQLDatabaseTests", ["DatabaseHarness", "SQLDatabase", "PaymentPrimitives"]),
        tests("PaymentsTests", ["Payments", "PaymentPrimitives", logging]),
        tests("PaymentStoreTests", ["DatabaseHarness", "PaymentStore", "Payments", "SQLDatabase", "PaymentPrimitives", logging]),
        tests("PaymentServerTests", ["PaymentServer", "Payments", "PaymentPrimitives", "CZlib"]),
        tests(
            "WeChatPayCommandTests",
            [
                "WeChatPayCommand", "WeChatPay", "WeChatPayV2", "WeChatPaySandbox", "PaymentServer", "Payments",
                "PaymentPrimitives",
            ]),
        // The whole system put together as the command does it: the hostile world, lost notifications, kill -9.
        tests(
            "SystemTests",
            [
                "WeChatPayCommand", "WeChatPay", "WeChatPayV2", "WeChatPaySandbox", "Payments", "PaymentServer", "PaymentStore",
                "Shop", "SQLDatabase", "PaymentPrimitives", hummingbird, httpTypes, logging, lifecycle, asyncHTTPClient, crypto,
                cryptoExtras, nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
    ]
)
