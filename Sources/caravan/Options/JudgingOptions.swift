import ArgumentParser
import Inference
import ModelFiles
import Rewards
import Rollouts
import Serving
import Text

/// What a server has judge texts: a moderation of all that it shows, and a reward model for whoever asks.
struct JudgingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What judges prompts and answers before anything is shown: a classifier's folder, or the address of a service in the form of OpenAI's /v1/moderations.",
      valueName: "folder or url"))
  var moderation: String?

  @Option(
    help: ArgumentHelp(
      "A label of the classifier that counts as unsafe. May be repeated. By default all do but safe, ok and harmless, and but LABEL_0 of two.",
      valueName: "label"))
  var moderationUnsafe: [String] = []

  @Option(
    help:
      "The probability of the unsafe labels from which on a text is refused (default: 0.5). The probability is the softmax, of several labels their sum; of one label, or of labels that are independent, it is the sigmoid."
  )
  var moderationThreshold: Double?

  @Option(help: "The most seconds that a moderation service may take for one reply.")
  var moderationTimeout = 10

  @Option(
    help: ArgumentHelp(
      "A reward model that scores answers at /v1/score, as 'caravan score' does.", valueName: "folder"))
  var reward: String?

  func validate() throws {
    if let moderationThreshold, !(moderationThreshold > 0 && moderationThreshold <= 1) {
      throw ValidationError("--moderation-threshold must be above 0 and at most 1, not \(moderationThreshold)")
    }
    guard (1...600).contains(moderationTimeout) else {
      throw ValidationError("--moderation-timeout must be from 1 to 600, not \(moderationTimeout)")
    }
    guard moderation != nil || moderationThreshold == nil && moderationUnsafe.isEmpty else {
      throw ValidationError("--moderation-threshold and --moderation-unsafe need --moderation")
    }
    guard service == nil || moderationThreshold == nil && moderationUnsafe.isEmpty else {
      throw ValidationError(
        "--moderation-threshold and --moderation-unsafe are for classifiers; a service decides by itself")
    }
    if let service {
      do { _ = try ModerationEndpoint(service) } catch { throw ValidationError("--moderation: \(error)") }
    }
  }

  /// Whether anything is to be judged.
  var isThere: Bool { moderation != nil || reward != nil }

  private var service: String? {
    moderation.flatMap { name in
      ["http://", "https://"].contains { name.lowercased().hasPrefix($0) } ? name : nil
    }
  }

  /// The moderation that is asked for.
  func moderator(_ compute: ComputeOptions) throws -> (any Moderator)? {
    if let service { return try ModerationEndpoint(service, limit: .seconds(moderationTimeout)) }
    guard let moderation else { return nil }
    let folder = try ModelFolder.named(moderation)
    let format = try ChatFormat(model: moderation, template: nil, beginning: .auto)
    let (unsafe, threshold) = (moderationUnsafe, moderationThreshold ?? 0.5)
    return try ComputeThread.shared.perform {
      try compute.group.start()
      return try ClassifierModerator(
        folder, format: format, dtype: compute.group.dtype, unsafe: unsafe, threshold: threshold)
    }
  }

  /// The reward model that is asked for.
  func servedReward(_ compute: ComputeOptions) throws -> (any ServedReward)? {
    guard let reward else { return nil }
    return ServedRewardModel(model: try ComputeThread.shared.perform { try rewardModel(named: reward, compute) })
  }
}
