// swift-tools-version: 6.1
// Targets stand in the order in which data flows through them.

import PackageDescription

let package = Package(
    name: "Instill",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "instill", targets: ["instill"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .target(name: "Basics", dependencies: ["CMessageDigest"]),
        .target(name: "Statistics", dependencies: ["Basics"]),
        .target(name: "Lineage", dependencies: ["Basics", "Yams"]),
        .target(
            name: "Store",
            dependencies: [
                "Lineage", "Statistics", .product(name: "Algorithms", package: "swift-algorithms"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .systemLibrary(name: "CLibtorch", pkgConfig: "libtorch"),
        .target(name: "CTorch", dependencies: ["CLibtorch"]),
        .target(name: "Torch", dependencies: ["CTorch"]),
        .systemLibrary(name: "COniguruma", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"])]),
        .target(
            name: "Jinja", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
        .target(
            name: "Tokenizers",
            dependencies: ["COniguruma", "Jinja", .product(name: "HeapModule", package: "swift-collections")]),
        .target(name: "ModelFiles", dependencies: ["Basics"]),
        .target(
            name: "LanguageModels",
            dependencies: [
                "Jinja", "Lineage", "ModelFiles", "Tokenizers", "Torch",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(name: "CCurl"),
        .target(name: "Generation", dependencies: ["CCurl", "LanguageModels"]),
        .systemLibrary(
            name: "CMarkGFM", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "Distillation", dependencies: ["CMarkGFM", "Generation", "Store", "Yams"]),
        .target(name: "Retrieval", dependencies: ["Generation", "Store"]),
        .target(name: "Evaluation", dependencies: ["Distillation", "Retrieval"]),
        .target(
            name: "Report", dependencies: ["Lineage", "Statistics", "Store"],
            resources: ["page.css", "page.js", "charts.js", "sections.js", "differences.js", "questions.js"].map {
                .embedInCode("Page/\($0)")
            }),
        .target(name: "Pipeline", dependencies: ["Evaluation"]),
        .executableTarget(
            name: "instill",
            dependencies: ["Pipeline", "Report", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(
            name: "TestSupport",
            dependencies: [
                "Distillation", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/TestSupport"),
        .executableTarget(name: "Bench", dependencies: ["Pipeline", "TestSupport"], path: "Benchmarks/Bench"),
        .executableTarget(
            name: "Probe", dependencies: ["Evaluation", "Report", "Retrieval"], path: "Tests/Conformance/Probe"),
        .testTarget(name: "BasicsTests", dependencies: ["Basics"]),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),
        .testTarget(name: "TorchTests", dependencies: ["CTorch", "Torch"]),
        .testTarget(name: "JinjaTests", dependencies: ["Jinja"]),
        .testTarget(name: "TokenizersTests", dependencies: ["Tokenizers"]),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles"]),
        .testTarget(
            name: "LanguageModelsTests", dependencies: ["LanguageModels", "TestSupport"], resources: [.copy("Golden")]),
        .testTarget(
            name: "GenerationTests",
            dependencies: ["Generation", "TestSupport", .product(name: "NIOHTTP1", package: "swift-nio")]),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Store", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .testTarget(name: "RetrievalTests", dependencies: ["Retrieval", "TestSupport"]),
        .testTarget(name: "DistillationTests", dependencies: ["Distillation", "TestSupport"]),
        .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "TestSupport"]),
        .testTarget(name: "ReportTests", dependencies: ["Report"]),
        .testTarget(name: "LineageTests", dependencies: ["Lineage"]),
        .testTarget(name: "PipelineTests", dependencies: ["Bench", "Pipeline", "TestSupport"]),
        .testTarget(name: "InstillTests", dependencies: ["instill", "Pipeline", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// SwiftPM builds a target anew where one that it names has changed, and not where one behind that has, whose layouts it was
// compiled with all the same. So each target names all that it rests on; those before it in the list have done so already.
for target in package.targets where target.type != .system {
    let behind = package.targets.prefix { $0.name != target.name }.filter { earlier in
        target.dependencies.contains { "\($0)" == "\(Target.Dependency.byName(name: earlier.name))" }
    }
    for dependency in behind.flatMap(\.dependencies)
    where !target.dependencies.contains(where: { "\($0)" == "\(dependency)" }) {
        target.dependencies.append(dependency)
    }
}

// Without this, a file sees the extensions of modules that others import; GRDB's `joined()` has made prompts of SQL that way.
for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.enableUpcomingFeature("MemberImportVisibility")]
}
