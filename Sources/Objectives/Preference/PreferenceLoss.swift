/// The losses of pairs, by name: what options, help, cards and checks know of a loss follows from this table.
public enum PreferenceLoss: String, Sendable, CaseIterable {
  case sigmoid, hinge, ipo
  case dpoNorm = "dpo-norm"
  case exoPair = "exo-pair"
  case ncaPair = "nca-pair"
  case robust
  case bcoPair = "bco-pair"
  case sppoHard = "sppo-hard"
  case aot
  case aotUnpaired = "aot-unpaired"
  case apoZero = "apo-zero"
  case apoDown = "apo-down"
  case discopop, sft, simpo, alphapo, orpo, cpo

  /// The loss itself.
  var type: any PairLoss.Type {
    switch self {
    case .sigmoid: SigmoidLoss.self
    case .hinge: HingeLoss.self
    case .ipo: IPOLoss.self
    case .dpoNorm: NormalizedSigmoidLoss.self
    case .exoPair: EXOLoss.self
    case .ncaPair: NCALoss.self
    case .robust: RobustLoss.self
    case .bcoPair: BCOPairLoss.self
    case .sppoHard: SPPOLoss.self
    case .aot: AOTLoss.self
    case .aotUnpaired: AOTUnpairedLoss.self
    case .apoZero: APOZeroLoss.self
    case .apoDown: APODownLoss.self
    case .discopop: DiscoPOPLoss.self
    case .sft: ChosenLikelihoodLoss.self
    case .simpo: SimPOLoss.self
    case .alphapo: AlphaPOLoss.self
    case .orpo: ORPOLoss.self
    case .cpo: CPOLoss.self
    }
  }

  /// What TRL calls a loss, or called it, where that is another name.
  private static let namesOfTRL = ["sigmoid-norm": Self.dpoNorm, "aot-pair": .aot]

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
  /// Whether it knows a setting of losses by that name.
  public func takes(_ setting: String) -> Bool { type.parameters.contains { $0.rawValue == setting } }
}
