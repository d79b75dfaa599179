// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    .target(name: "JSON", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(
      name: "SentencePieceModel", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["sentencepiece_model.proto"]),
    .target(
      name: "Text",
      dependencies: [
        "JSON", "SentencePieceModel", .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "TextTests", dependencies: ["JSON", "SentencePieceModel", "Text"], exclude: ["Tokenizers/Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
