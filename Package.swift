// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
  ],
  targets: [
    .target(name: "CTorch"),
    .target(name: "Torch", dependencies: ["CTorch"]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "JSON", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(name: "Text", dependencies: ["JSON"]),
    .target(name: "ModelFiles", dependencies: ["JSON", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Llama", dependencies: ["Torch", "CKernels", "ModelFiles"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "JSON"], exclude: ["Fixtures"]),
    .testTarget(name: "LlamaTests", dependencies: ["Llama", "JSON"], exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
