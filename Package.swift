// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "caravan", targets: ["caravan"]),
    .library(name: "Recipes", targets: ["Recipes"]),
    .library(name: "Training", targets: ["Training", "Objectives", "Alignment", "Llama", "Collectives"]),
    .library(name: "Inference", targets: ["Inference"]),
    .library(name: "Evaluation", targets: ["Evaluation"]),
    .library(name: "Text", targets: ["Text"]),
    .library(name: "ModelFiles", targets: ["ModelFiles"]),
    .library(name: "Datasets", targets: ["Datasets"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Tensors: libtorch's C ABI, and kernels of our own.
    .target(name: "CTorch"),
    .target(name: "Torch", dependencies: ["CKernels", "CTorch", "Descriptors", "Wording"]),
    // Kernels are optimized in debug builds too: tests compute with them.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),

    // Work on all cores, whole writes, and sentences that name settings.
    .target(name: "Parallel"),
    .target(name: "Descriptors"),
    .target(name: "Wording"),

    // SHA-256, by the system's libcrypto.
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
    .target(name: "Hashing", dependencies: ["CCrypto"]),

    // Files and text.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"]), .brew(["bzip2"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"]), .brew(["xz"])]),
    .systemLibrary(
      name: "CBrotli", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"]), .brew(["brotli"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "COniguruma", pkgConfig: "oniguruma", providers: [.apt(["libonig-dev"]), .brew(["oniguruma"])]),
    .systemLibrary(name: "CUTF8proc", providers: [.apt(["libutf8proc-dev"]), .brew(["utf8proc"])]),
    .systemLibrary(
      name: "CReadline", providers: [.apt(["libreadline-dev"]), .brew(["readline"])]),
    .target(name: "YAML", dependencies: ["JSON", "Yams"]),
    .target(name: "DataLayout", dependencies: ["JSON", "YAML", "Yams"]),
    .target(name: "JSON", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),
    .target(
      name: "SentencePieceModel", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["sentencepiece_model.proto"]),
    .target(
      name: "Text",
      dependencies: [
        "COniguruma", "CUTF8proc", "JSON", "SentencePieceModel",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    .target(name: "ModelFiles", dependencies: ["CKernels", "Descriptors", "Hashing", "JSON", "Parallel"]),
    .target(
      name: "GGUF",
      dependencies: [
        "Hashing", "JSON", "ModelFiles", "Parallel", "SentencePieceModel", "Text",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "Parquet",
      dependencies: [
        "CBrotli", "CZlib", "CZstd", "JSON", .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "Datasets",
      dependencies: [
        "CBzip2", "CLzma", "CZlib", "CZstd", "DataLayout", "JSON", "Parallel", "Parquet", "Text",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .target(
      name: "Hub",
      dependencies: [
        "CCrypto", "CCurl", "DataLayout", "Descriptors", "Hashing", "JSON", "ModelFiles", "Parallel", "Wording",
      ]),
    .target(
      name: "DataShaping",
      dependencies: ["CKernels", "Datasets", "Descriptors", "Hashing", "JSON", "Text", "Wording"]),

    // What answers are worth, where no model says it.
    .target(
      name: "Rewards", dependencies: ["CCurl", "Descriptors", "Hashing", "JSON", "Parallel", "Text", "Wording"]),

    // Processes that train one model together.
    .target(name: "CNCCL"),
    .target(name: "Collectives", dependencies: ["CKernels", "CNCCL", "Wording"]),

    // Models and their training.
    .target(name: "Objectives", dependencies: ["Wording"]),
    .target(name: "Llama", dependencies: ["CKernels", "Collectives", "ModelFiles", "Torch", "Wording"]),
    .target(name: "Inference", dependencies: ["CKernels", "Datasets", "Llama", "ModelFiles", "Text", "Torch"]),
    .target(
      name: "Alignment",
      dependencies: [
        "Datasets", "Hashing", "JSON", "Llama", "Objectives", "Parallel", "Text", "Wording",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),
    .target(
      name: "TensorBoardEvents", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["event.proto"]),
    .target(
      name: "Training",
      dependencies: [
        "Alignment", "CKernels", "Collectives", "Datasets", "Hashing", "JSON", "Llama", "ModelFiles", "Objectives",
        "Torch",
        "Wording",
      ]),
    // Learning online: prompts, answers, rewards, and the batches that they make.
    .target(
      name: "Rollouts",
      dependencies: [
        "Alignment", "Collectives", "Datasets", "Inference", "JSON", "Llama", "ModelFiles", "Objectives", "Parallel",
        "Rewards", "Text",
        "Torch", "Training",
      ]),
    .target(
      name: "Reporting",
      dependencies: [
        "Descriptors", "JSON", "Objectives", "TensorBoardEvents", "YAML", "Yams",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),

    // Benchmarks: what they ask, how answers are scored, and what that comes to.
    .target(
      name: "Evaluation",
      dependencies: [
        "Datasets", "Descriptors", "Hashing", "Inference", "JSON", "ModelFiles", "Parallel", "Rewards", "Text",
        "Wording", "YAML",
      ]),

    // Ways of training, as values.
    .target(
      name: "Recipes",
      dependencies: [
        "Alignment", "Collectives", "Datasets", "Evaluation", "Hashing", "Inference", "JSON", "Llama", "ModelFiles",
        "Objectives", "Reporting", "Rewards", "Rollouts", "Text", "Torch", "Training", "Wording",
      ]),

    .target(
      name: "Quickstart", dependencies: ["Datasets", "JSON", "Text"],
      resources: [.embedInCode("Resources/tokenizer.json"), .embedInCode("Resources/tokenizer_config.json")]),

    // The HTTP server and its page, whose files are in the program.
    .target(
      name: "Serving",
      dependencies: [
        "Descriptors", "Hashing", "JSON", "Rewards", "Text", "Wording",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      resources: [
        .embedInCode("Resources/app.js"), .embedInCode("Resources/attempts.js"),
        .embedInCode("Resources/autolinks.js"), .embedInCode("Resources/blocks.js"),
        .embedInCode("Resources/calls.js"), .embedInCode("Resources/chat.js"), .embedInCode("Resources/comparison.js"),
        .embedInCode("Resources/conversations.js"), .embedInCode("Resources/definitions.js"),
        .embedInCode("Resources/dom.js"), .embedInCode("Resources/emphasis.js"),
        .embedInCode("Resources/entities.js"), .embedInCode("Resources/highlight.js"),
        .embedInCode("Resources/icon.svg"), .embedInCode("Resources/index.html"),
        .embedInCode("Resources/inlines.js"), .embedInCode("Resources/line.js"),
        .embedInCode("Resources/markdown.js"), .embedInCode("Resources/mathlines.js"),
        .embedInCode("Resources/messages.js"), .embedInCode("Resources/ratings.js"),
        .embedInCode("Resources/results.js"), .embedInCode("Resources/server.js"),
        .embedInCode("Resources/settings.js"),
        .embedInCode("Resources/starts.js"), .embedInCode("Resources/style.css"), .embedInCode("Resources/table.js"),
        .embedInCode("Resources/targets.js"), .embedInCode("Resources/tex.js"), .embedInCode("Resources/texspans.js"),
        .embedInCode("Resources/texsymbols.js"),
      ]),

    // What people see at a terminal.
    .target(name: "Terminal", dependencies: ["Descriptors", "Objectives", "Reporting"]),

    .executableTarget(
      name: "caravan",
      dependencies: [
        "Alignment", "CReadline", "Collectives", "DataShaping", "Datasets", "Descriptors", "Evaluation", "GGUF", "Hub",
        "Inference",
        "JSON", "Llama",
        "ModelFiles",
        "Quickstart",
        "Recipes", "Reporting", "Rewards", "Rollouts", "Serving", "Terminal", "Text", "Torch", "Training", "Wording",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ]),

    .executableTarget(
      name: "DecodeBenchmark", dependencies: ["Inference", "ModelFiles", "Torch"], path: "Benchmarks/Decode"),

    // The hub, as tests have it: a server on this machine that misbehaves as told.
    .target(
      name: "TestHub",
      dependencies: [
        "Hashing", "JSON", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], path: "Tests/TestHub"),
    // Folders that go with their test, and the places of fixtures.
    .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport", exclude: ["StandIn"]),
    .testTarget(name: "DescriptorsTests", dependencies: ["Descriptors", "TestSupport"]),
    .testTarget(name: "HubTests", dependencies: ["Hub", "JSON", "TestHub", "TestSupport"]),

    .testTarget(
      name: "CommandTests",
      dependencies: ["caravan", "Datasets", "JSON", "Llama", "ModelFiles", "TestHub", "TestSupport", "Torch", "Yams"]),
    // Every reader of what comes from outside, on bytes changed at random.
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "DataLayout", "Datasets", "GGUF", "JSON", "ModelFiles", "Parquet", "Reporting", "Rewards", "SentencePieceModel",
        "Serving", "Text",
      ]),
    .testTarget(name: "DataLayoutTests", dependencies: ["DataLayout", "JSON"], exclude: ["Fixtures"]),
    .testTarget(name: "HashingTests", dependencies: ["Hashing"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(
      name: "TextTests",
      dependencies: [
        "JSON", "SentencePieceModel", "TestSupport", "Datasets", "Text",
        .product(name: "OrderedCollections", package: "swift-collections"),
      ], exclude: ["Tokenizers/Fixtures", "Fixtures"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "JSON", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "GGUFTests", dependencies: ["GGUF", "JSON", "ModelFiles", "TestSupport", "Text"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ParquetTests", dependencies: ["Parquet", "CZlib", "JSON", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "CZlib", "JSON", "TestSupport", "Text"], exclude: ["Fixtures"]),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Datasets", "JSON", "Rewards", "Serving", "TestSupport", "Text",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Fixtures"]),
    .testTarget(name: "DataShapingTests", dependencies: ["DataShaping", "Datasets", "JSON", "Text"]),
    .testTarget(name: "QuickstartTests", dependencies: ["Quickstart", "Datasets", "JSON", "TestSupport", "Text"]),
    .testTarget(name: "CollectivesTests", dependencies: ["CNCCL", "Collectives", "TestSupport"]),
    .testTarget(name: "TorchTests", dependencies: ["CKernels", "ModelFiles", "TestSupport", "Torch"]),
    .testTarget(
      name: "LlamaTests", dependencies: ["Collectives", "Llama", "JSON", "ModelFiles", "TestSupport", "Torch"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "InferenceTests",
      dependencies: ["CKernels", "Inference", "JSON", "Llama", "ModelFiles", "TestSupport", "Text", "Torch"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "AlignmentTests",
      dependencies: ["Alignment", "Datasets", "JSON", "Llama", "ModelFiles", "TestSupport", "Text", "Torch"]),
    .testTarget(name: "RewardsTests", dependencies: ["JSON", "Rewards", "TestSupport", "Text"], exclude: ["Fixtures"]),
    .testTarget(
      name: "RolloutsTests",
      dependencies: [
        "Alignment", "Datasets", "Inference", "JSON", "Llama", "ModelFiles", "Objectives", "Rewards", "Rollouts",
        "TestSupport", "Text", "Torch", "Training",
      ]),
    .testTarget(
      name: "ObjectivesTests", dependencies: ["JSON", "Objectives", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Alignment", "Datasets", "Inference", "JSON", "Llama", "ModelFiles", "Objectives", "TestSupport", "Text",
        "Torch", "Training",
      ], exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportingTests", dependencies: ["Objectives", "Reporting", "TensorBoardEvents", "TestSupport", "Yams"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Datasets", "Evaluation", "Inference", "JSON", "ModelFiles", "Rewards", "TestHub", "TestSupport", "Text",
        "Torch",
      ]),
    .testTarget(
      name: "RecipesTests",
      dependencies: ["JSON", "ModelFiles", "Objectives", "Recipes", "TestSupport", "Torch", "Training"]),
    // The project's own rules.
    .testTarget(name: "ProjectTests"),
    .testTarget(name: "TerminalTests", dependencies: ["Reporting", "Terminal"]),
  ],
  swiftLanguageModes: [.v6]
)
