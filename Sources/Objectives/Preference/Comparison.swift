import Wording

/// How a policy is compared with its reference, whatever the loss.
public struct Comparison: Sendable, Equatable {
  /// Whether there is no reference: a score is the policy's log-probability itself.
  public var isReferenceFree = false
  /// Whether the reference follows the policy (TR-DPO: Gorbatovski et al. 2024, arXiv 2404.09656); whoever trains sees to that.
  public var isReferenceMoving = false
  /// Which divergence holds the policy to the reference.
  public var divergence = FDivergence.reverseKL
  /// The α of the α-divergence.
  public var alpha = 0.5
  /// How much tokens count that the shorter answer of a pair has no counterpart of, from 0 to 1 (LD-DPO: Liu et al. 2024,
  /// arXiv 2409.06411); nil: as all others.
  public var ldAlpha: Double?

  /// DPO's own.
  public init() {}

  /// A score, given Δ, and its derivative.
  func score(_ Δ: Double) -> (value: Double, slope: Double) { divergence.score(Δ, alpha: alpha) }

  /// Checks that it has a meaning for losses.
  /// - Throws: `ObjectiveError` naming what has none, or cannot be.
  func check(for losses: [PreferenceLoss]) throws {
    let comparing = losses.filter(\.comparesWithReference)
    let names = losses.map(\.rawValue).joined(separator: ",")
    func require(_ holds: Bool, _ name: String) throws {
      guard holds else {
        throw ObjectiveError("\(setting: name) has no meaning for \(setting: "loss") \(names); leave it out")
      }
    }
    if isReferenceFree { try require(!comparing.isEmpty, "reference-free") }
    if isReferenceMoving {
      try require(!comparing.isEmpty, "reference-sync-steps")
      guard !isReferenceFree else {
        throw ObjectiveError("give \(setting: "reference-sync-steps") or \(setting: "reference-free"), not both")
      }
    }
    if let ldAlpha {
      try require(!comparing.isEmpty, "ld-alpha")
      guard (0...1).contains(ldAlpha) else {
        throw ObjectiveError("\(setting: "ld-alpha") must be from 0 to 1, not \(ldAlpha)")
      }
    }
    guard alpha.isFinite else { throw ObjectiveError("\(setting: "f-alpha") must be a number, not \(alpha)") }
    guard alpha == Comparison().alpha || divergence == .alpha else {
      throw ObjectiveError(
        "\(setting: "f-alpha") has a meaning for \(setting: "f-divergence") alpha-divergence only; leave it out")
    }
    guard divergence != .reverseKL else { return }
    try require(!comparing.isEmpty, "f-divergence")
    if let loss = comparing.first(where: { !($0.type is any MarginLoss.Type) }) {
      throw ObjectiveError(
        "\(setting: "f-divergence") has no meaning for \(setting: "loss") \(loss.rawValue), which is not made of a "
          + "margin alone; leave it out")
    }
    guard !isReferenceFree else {
      throw ObjectiveError(
        "\(setting: "f-divergence") has no meaning with \(setting: "reference-free"): there is nothing to diverge from")
    }
  }

  /// The papers of what is not as by default.
  var papers: [Paper] {
    (divergence == .reverseKL ? [] : [FDivergence.paper]) + (ldAlpha == nil ? [] : [Self.ldPaper])
      + (isReferenceMoving ? [Self.movingPaper] : [])
  }

  private static let movingPaper = Paper(
    "gorbatovski2024learn", "Learn Your Reference Model for Real Good Alignment",
    """
    Gorbatovski, Alexey and Shaposhnikov, Boris and Malakhov, Alexey and Surnachev, Nikita and Aksenov, Yaroslav and
        Maksimov, Ian and Balagansky, Nikita and Gavrilov, Daniil
    """, year: 2024, arXiv: "2404.09656")

  private static let ldPaper = Paper(
    "liu2024length", "Length Desensitization in Direct Preference Optimization",
    """
    Liu, Wei and Bai, Yang and Han, Chengcheng and Weng, Rongxiang and Xu, Jun and Cao, Xuezhi and
        Wang, Jingang and Cai, Xunliang
    """, year: 2024, arXiv: "2409.06411")
}
