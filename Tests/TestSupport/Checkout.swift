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
  public static let families = [
    "llama-yarn", "deepseek-llm", "falcon3", "yi", "mistral", "mistral-nemo", "ministral", "qwen2.5-yarn",
    "qwen2-sliding",
    "qwen3", "smollm3", "granite", "olmo2", "olmo3", "phi3", "phi4-mini", "gemma2", "gemma3",
  ]

  /// Files beside the repository, or where `CARAVAN_SHARED` says, that are no part of it: tests on them are skipped where they
  /// are absent.
  public static func shared(_ path: String) -> URL {
    let folder = ProcessInfo.processInfo.environment["CARAVAN_SHARED"].map { URL(filePath: $0) }
    return (folder ?? root.appending(path: "../shared").standardized).appending(path: path)
  }

  /// A small model that was published, among the shared files.
  public static let stories = shared("real/stories260K")
  /// Whether it is there.
  public static let hasStories = FileManager.default.fileExists(atPath: stories.path + "/config.json")
}
