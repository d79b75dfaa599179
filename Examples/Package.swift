// swift-tools-version: 6.2
import PackageDescription

/// A program under Sources, with the products of Caravan that it uses.
func program(_ name: String, _ products: String...) -> Target {
  .executableTarget(name: name, dependencies: products.map { .product(name: $0, package: "caravan") })
}

let package = Package(
  name: "examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "caravan", path: "..")],
  targets: [
    program("TrainAndAsk", "Recipes", "Inference"),
    program("Ask", "Inference", "Text"),
    program("AskMany", "Inference", "ModelFiles", "Text"),
    program("Evaluate", "Evaluation", "Inference", "ModelFiles", "Text"),
    program("Stream", "Inference", "ModelFiles", "Text"),
    program("TrainingLoop", "Training", "Datasets", "ModelFiles", "Text"),
    program("OwnLoss", "Training", "Datasets", "ModelFiles", "Text"),
    program("TokensAndTemplates", "Text"),
    program("ReadPairs", "Datasets", "Text"),
    program("WeightsAsBFloat16", "ModelFiles"),
  ],
  swiftLanguageModes: [.v6])
