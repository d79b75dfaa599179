import Hub
import Testing

/// Which files of a repository are taken.
@Suite struct SelectionTests {
  private func listing(_ paths: [String]) throws -> HubListing {
    try HubListing(
      commit: String(repeating: "c", count: 40),
      files: paths.map { try HubFile(path: $0, size: 1, sha256: nil, gitID: String(repeating: "a", count: 40)) })
  }

  private func taken(_ selection: HubSelection, _ paths: String...) throws -> [String] {
    let kind: HubRepository.Kind = if case .split = selection { .dataset } else { .model }
    return try selection.files(of: listing(paths), in: HubRepository(kind, "o/n")).map(\.path)
  }

  private func error(_ selection: HubSelection, _ paths: String...) throws -> String? {
    let listing = try listing(paths)
    let error = #expect(throws: HubError.self) { try selection.files(of: listing, in: HubRepository(.dataset, "o/n")) }
    return error?.description
  }

  @Test func ofAModelWhatIsRead() throws {
    #expect(
      try taken(
        .model, ".gitattributes", "LICENSE.txt", "README.md", "config.json", "flax_model.msgpack", "model.safetensors",
        "onnx/model.onnx", "original/config.json", "pytorch_model.bin", "tokenizer.json", "tokenizer_config.json",
        "training_args.bin") == [
          "LICENSE.txt", "README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
        ])
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    #expect(
      try taken(
        .model, "config.json", shards[0], shards[1], "model.safetensors.index.json", "consolidated.safetensors",
        "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json")
        == ["config.json"] + shards + ["model.safetensors.index.json"])
    #expect(
      try taken(.model, "config.json", "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json", "rng.bin")
        == ["config.json", "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json"])
    #expect(try error(.model, "model.gguf") == "data set o/n holds no files that Caravan reads; it has model.gguf")
  }

  @Test func whatPatternsMatch() throws {
    let paths = ["README.md", "data/a.json", "data/sub/b.json", "x[1].txt"]
    func taken(_ patterns: String...) throws -> [String] {
      try HubSelection.matching(patterns).files(of: listing(paths), in: HubRepository(.dataset, "o/n")).map(\.path)
    }
    #expect(try taken("*.json") == ["data/a.json", "data/sub/b.json"])
    #expect(try taken("data/") == ["data/a.json", "data/sub/b.json"])
    #expect(try taken("data/?.json", "README.md") == ["README.md", "data/a.json"])
    #expect(try taken("x[[]1].txt") == ["x[1].txt"])
    #expect(
      try error(.matching(["*.bin", "é"]), "a", "b")
        == "data set o/n: no file matches '*.bin' or 'é'; it has a, b")
  }

  @Test func splitsAsTheHubLaysThemOut() throws {
    func taken(_ split: String, _ configuration: String? = nil, _ paths: String...) throws -> [String] {
      try HubSelection.split(split, configuration: configuration)
        .files(of: listing(paths), in: HubRepository(.dataset, "o/n")).map(\.path)
    }
    let two = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"]
    #expect(try taken("train", nil, "README.md", two[1], two[0], "data/test-00000-of-00001.parquet") == two)
    #expect(
      try taken(
        "train_prefs", nil, "data/train_prefs-00000-of-00001-0a1b.parquet", "data/train_sft-00000-of-00001.parquet")
        == ["data/train_prefs-00000-of-00001-0a1b.parquet"])
    #expect(try taken("train", nil, "train.jsonl", "train.txt", "test.jsonl.gz") == ["train.jsonl"])
    #expect(try taken("test", nil, "train.jsonl", "test.jsonl.gz") == ["test.jsonl.gz"])
    #expect(
      try taken("train", nil, "train/b.jsonl", "train/a.jsonl", "test/a.jsonl") == ["train/a.jsonl", "train/b.jsonl"])
    #expect(try taken("train", "main", "main/train.json", "socratic/train.json") == ["main/train.json"])
    #expect(try taken("train", "data/b", "data/a/train.json", "data/b/train.json") == ["data/b/train.json"])
    // As in datasets, folders are no configurations unless they are asked for.
    #expect(try taken("train", nil, "b/train.json", "a/train.json", "a/test.json") == ["a/train.json", "b/train.json"])
    #expect(
      try taken("train", nil, "b.jsonl", "dataset_info.json", "README.md", "c/a.jsonl") == ["b.jsonl", "c/a.jsonl"])
    #expect(try taken("train", "a/b", "a/b/train.json", "a/c/train.json") == ["a/b/train.json"])
  }

  @Test func splitsThatAreNotClear() throws {
    let train = HubSelection.split("train", configuration: nil)
    #expect(
      try error(.split("val", configuration: "c"), "a/train.jsonl", "b/val.jsonl")
        == "data set o/n: there is no configuration or folder 'c'; there are o/n/a, o/n/b")
    #expect(
      try error(.split("val", configuration: "a"), "a/train.jsonl", "b/val.jsonl")
        == "data set o/n: there is no split 'val'; there are o/n/a:train")
    #expect(try error(train, "test.jsonl") == "data set o/n: there is no split 'train'; there are o/n:test")
    #expect(
      try error(train, "README.md", ".x/train.jsonl")
        == "data set o/n: has no files of records (.parquet, .jsonl, .json or .ndjson, each also with .gz, .zst, .bz2 or .xz)"
    )
    #expect(
      try error(train, "train.csv", "test.csv")
        == "data set o/n: has no files that are read (.parquet, .jsonl, .json or .ndjson, each also with .gz, .zst, .bz2 or .xz), only test.csv, train.csv"
    )
    #expect(
      try error(train, "data/train-00000-of-00003.parquet", "data/train-00002-of-00003.parquet")
        == "data set o/n: o/n:train should be 3 files named train-…, and is 2: some are missing, or there twice")
    #expect(
      try error(train, "data/train-00000-of-00001-0a.parquet", "data/train-00000-of-00001-0b.parquet")?
        .hasSuffix("should be 1 files named train-…, and is 2: some are missing, or there twice") == true)
  }
}
