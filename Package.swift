// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    .target(name: "JSON", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Text", dependencies: ["JSON"]),
    .target(
      name: "TensorBoardEvents", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["event.proto"]),
    .target(name: "Reporting", dependencies: ["JSON", "TensorBoardEvents", "Yams"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "TensorBoardEvents", "Yams"], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
