/// The losses of pairs, by name: what options, help, cards and checks know of a loss follows from this table.
public enum PreferenceLoss: String, Sendable, CaseIterable {
  case sigmoid, hinge, ipo, robust, simpo
  case dpoNorm = "dpo-norm"

  /// The loss itself.
  var type: any PairLoss.Type {
    switch self {
    case .sigmoid: SigmoidLoss.self
    case .hinge: HingeLoss.self
    case .ipo: IPOLoss.self
    case .robust: RobustLoss.self
    case .simpo: SimPOLoss.self
    case .dpoNorm: NormalizedSigmoidLoss.self
    }
  }

  /// What TRL calls a loss, where that is another name.
  private static let namesOfTRL = ["sigmoid-norm": Self.dpoNorm]

  /// The loss of a name, ours or TRL's, with hyphens or underscores.
  public init?(named name: String) {
    let name = name.replacing("_", with: "-")
    guard let loss = Self(rawValue: name) ?? Self.namesOfTRL[name] else { return nil }
    self = loss
  }

  /// What help says of it.
  public var summary: String { type.summary }
  /// Whether it compares with a reference model.
  public var comparesWithReference: Bool { type.comparesWithReference }
}
