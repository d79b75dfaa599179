// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0")
  ],
  targets: [
    .target(name: "JSON", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Text", dependencies: ["JSON"]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "Datasets", dependencies: ["CZlib", "JSON", "Text"]),
    .target(
      name: "Quickstart", dependencies: ["Datasets", "JSON", "Text"],
      resources: [.embedInCode("Resources/tokenizer.json"), .embedInCode("Resources/tokenizer_config.json")]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "CZlib", "JSON", "Text"], exclude: ["Fixtures"]),
    .testTarget(name: "QuickstartTests", dependencies: ["Quickstart", "Datasets", "JSON", "Text"]),
  ],
  swiftLanguageModes: [.v6]
)
