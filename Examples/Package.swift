// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "caravan", path: "..")],
  targets: [
    .executableTarget(
      name: "TrainAndAsk",
      dependencies: [.product(name: "Recipes", package: "caravan"), .product(name: "Inference", package: "caravan")]),
    .executableTarget(
      name: "OwnLoss",
      dependencies: [
        .product(name: "Training", package: "caravan"), .product(name: "Datasets", package: "caravan"),
        .product(name: "ModelFiles", package: "caravan"), .product(name: "Text", package: "caravan"),
      ]),
    .executableTarget(name: "TokensAndTemplates", dependencies: [.product(name: "Text", package: "caravan")]),
  ],
  swiftLanguageModes: [.v6])
