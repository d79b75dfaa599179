import Alignment
import Llama
import ModelFiles
import Torch
import Wording

/// What a run will need of the memory, part by part, in bytes.
public struct MemoryEstimate: Sendable {
  /// A part of it.
  public struct Part: Sendable, Equatable {
    /// What it is for.
    public let name: String
    /// Its bytes.
    public let bytes: Int

    /// So many bytes for something.
    public init(_ name: String, _ bytes: Int) { (self.name, self.bytes) = (name, bytes) }
  }

  /// What the process has taken already.
  public let present: [Part]
  /// What stays in memory from the model's loading on.
  public let held: [Part]
  /// What there is besides at the time when most is.
  public let busiest: [Part]
  /// The bytes of all but what is present while the model trains.
  let training: Int
  /// The layers that are computed again for the backward of the longest example.
  public let recomputedLayers: Int

  /// All parts, those of nothing left out.
  public var parts: [Part] { (present + held + busiest).filter { $0.bytes > 0 } }
  /// All that is there at once.
  public var total: Int { parts.bytes }
  /// What is still to be taken.
  public var needed: Int { held.bytes + busiest.bytes }

  /// The need of a run.
  public init(_ plan: MemoryPlan) {
    let (config, memory) = (plan.config, ActivationMemory(plan.config))
    let tokens = max(min(plan.microTokens, plan.largestShare), plan.longest)
    recomputedLayers = memory.recomputedLayers(tokens: tokens, budget: plan.activationBytes)
    let all = config.architecture.parameterCount
    let trained = plan.adapter?.parameterCount ?? all
    let shards = plan.modelShards
    let weights =
      plan.adapter.map { [Part("frozen weights", $0.baseBytes / shards), Part("adapter", 4 * trained / shards)] }
      ?? [Part("weights", 4 * all / shards)]
    let reference = [Part("moving reference", plan.movesReference ? 4 * trained / shards : 0)]
    held =
      weights + [Part("gradients", plan.gradients.size * trained / shards)] + reference + plan.beside
      + [Part("libtorch at work", Self.libtorch)]
    present = plan.present

    let moments = Part("moments", plan.moments.byteCount(trained) / plan.momentShards)
    let rows = min(tokens, BatchPass.logitRows(microTokens: plan.microTokens))
    let width = config.head.labels ?? config.vocabularySize
    let isNarrow = plan.dtype == .bfloat16
    // In bfloat16 products make copies of their factors, and of the result.
    let work = [
      Part("a layer at work", memory.workspace(tokens: tokens) + (isNarrow ? memory.narrowCopies(tokens: tokens) : 0)),
      Part("logits", (isNarrow ? 6 : 4) * rows * width), Part("matrices on their way", Self.matrices(plan)),
      Part("gradients on their way", Self.passing(plan)), Part("others' part in use", Self.gathered(plan)),
    ]
    let activations = Part("activations", memory.kept(tokens: tokens, recomputing: recomputedLayers))
    let times = [
      [moments, activations] + work,
      plan.scoring > 0 ? [Part("scoring reference", plan.scoring / shards)] + work : [],
      plan.answers.map { [moments, Part("keys and values of answers", Self.caches($0, plan))] } ?? [],
      plan.measuring.isEmpty ? [] : [moments] + plan.measuring,
    ]
    training = held.bytes + times[0].bytes
    busiest = times.max { $0.bytes < $1.bytes } ?? []
  }

  /// What libtorch and the system's allocator take of their own once they compute: measured, 20 to 60 MB at 1M and 12M parameters.
  private static let libtorch = 40_000_000

  /// Keys and values of all answers that are given at once, each after its prompt.
  private static func caches(_ answers: MemoryPlan.Answers, _ plan: MemoryPlan) -> Int {
    let config = plan.config
    let tokens = max(answers.tokens, plan.longest - (answers.groupSize - 1) * answers.tokens)
    return answers.count * tokens * config.layerCount * 2 * config.keyHeadCount * config.headSize * 4
  }

  /// The gradients of one group, in float32 until they are summed in another type; others' part counts them where ranks share.
  private static func passing(_ plan: MemoryPlan) -> Int {
    guard plan.gradients != .float32, plan.modelShards == 1 else { return 0 }
    return 4 * (plan.config.architecture.groups.map { $0.reduce(0) { $0 + $1.count } }.max() ?? 0)
  }

  /// What is there at most besides a rank's own part: the weights of the group that is used and of the next one, and, where they
  /// train, its gradients and those of the group before, which are on their way to their sum.
  private static func gathered(_ plan: MemoryPlan) -> Int {
    let architecture = plan.config.architecture
    var counts = architecture.groups.map { $0.reduce(0) { $0 + $1.count } }
    // An embedding that serves as the head is used again.
    if architecture.projection == nil, architecture.score == nil { counts.append(counts[0]) }
    let neighbours = zip(zip([0] + counts, counts), counts.dropFirst() + [0]).map { ($0.0, $0.1, $1) }
    let bytes =
      if let adapter = plan.adapter {
        neighbours.map { max($0, $2) + $1 }.max().map {
          Int(Double(adapter.baseBytes) / Double(architecture.parameterCount) * Double($0))
        }
      } else {
        neighbours.map { 4 * ($0 + 2 * $1 + $2) }.max()
      }
    return (bytes ?? 0) / plan.modelShards * (plan.modelShards - 1)
  }

  /// Weights that are widened for a product, some rows of them at a time, or narrowed.
  private static func matrices(_ plan: MemoryPlan) -> Int {
    let architecture = plan.config.architecture
    let largest = architecture.tensors.filter { $0.shape.count > 1 }.map(\.count).max() ?? 0
    let widened = plan.adapter.map { $0.baseBytes < 4 * architecture.parameterCount } ?? false
    let rows = widened ? min(largest, FrozenMatrix.scratch) : largest
    return (widened ? 4 * rows : 0) + (plan.dtype == .bfloat16 ? 2 * rows : 0)
  }
}

extension [MemoryEstimate.Part] {
  /// Their bytes together.
  public var bytes: Int { reduce(0) { $0 + $1.bytes } }
}

extension MemoryEstimate: CustomStringConvertible {
  /// `about 1.45 GB: 232 MB weights, 232 MB gradients, …`
  public var description: String {
    "about \(Self.text(total)): " + parts.map { "\(Self.text($0.bytes)) \($0.name)" }.joined(separator: ", ")
  }

  /// Bytes as people read them: `232 MB`, `1.45 GB`.
  public static func text(_ bytes: Int) -> String {
    func tenths(_ unit: Double, _ digits: Double) -> Double { (Double(bytes) / unit * digits).rounded() / digits }
    if bytes < 999_500_000 { return bytes < 9_950_000 ? "\(tenths(1e6, 10)) MB" : "\(Int(tenths(1e6, 1))) MB" }
    return bytes < 9_995_000_000 ? "\(tenths(1e9, 100)) GB" : "\(tenths(1e9, 10)) GB"
  }
}
