import Foundation

/// The files that tests read and do not make.
public enum Checkout {
  /// The repository's folder.
  public static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

  /// The checked-in files of a target of tests.
  public static func fixtures(of target: String) -> URL { root.appending(path: "Tests/\(target)/Fixtures") }

  /// The tiny model that runs of training begin from.
  public static let tinyModel = fixtures(of: "TrainingTests").appending(path: "model")

  /// The tiny models of families, each in the shape of a published configuration.
  public static let families = publishedFamilies.map(\.name)

  /// The same, with models that are published in that shape.
  public static let publishedFamilies: [(name: String, models: String)] = [
    ("llama-yarn", "Llama 1 to 3.3, TinyLlama, SmolLM2, CodeLlama, R1's distillations"),
    ("deepseek-llm", "DeepSeek-LLM, DeepSeek-Coder"), ("falcon3", "Falcon3"), ("yi", "Yi, Yi-1.5"),
    ("mistral", "Mistral 7B"), ("mistral-nemo", "Mistral-Nemo, Mistral Small 3, Ministral 8B"),
    ("ministral", "Ministral 8B with alternating layers"), ("qwen2.5-yarn", "Qwen2, Qwen2.5"),
    ("qwen2-sliding", "Qwen1.5, Qwen2 with windows"), ("qwen3", "Qwen3, dense"), ("smollm3", "SmolLM3"),
    ("granite", "Granite 3, dense"), ("olmo2", "OLMo 2"), ("olmo3", "OLMo 3"), ("phi3", "Phi-3, Phi-3.5, Phi-4"),
    ("phi4-mini", "Phi-3 with 128K, Phi-4-mini"), ("gemma2", "Gemma 2"), ("gemma3", "Gemma 3 270M, 1B"),
  ]

  /// Files beside the repository, or where `CARAVAN_SHARED` says, that are no part of it: tests on them are skipped where they
  /// are absent.
  public static func shared(_ path: String) -> URL {
    let folder = ProcessInfo.processInfo.environment["CARAVAN_SHARED"].map { URL(filePath: $0) }
    return (folder ?? root.appending(path: "../shared").standardized).appending(path: path)
  }

  /// The names of the JSON files in such a folder.
  public static func records(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: shared(path).path)) ?? []).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(".json".count)) }.sorted()
  }

  /// A small model that was published, among the shared files.
  public static let stories = shared("real/stories260K")
  /// Whether it is there.
  public static let hasStories = FileManager.default.fileExists(atPath: stories.path + "/config.json")
}
