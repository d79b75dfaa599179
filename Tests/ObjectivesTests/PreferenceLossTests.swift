import Testing

@testable import Objectives

@Suite struct PreferenceLossTests {
  private typealias Sides = Pair.Sides

  /// Parameters under which every loss that takes label smoothing has some.
  private static func parameters(_ loss: PreferenceLoss, beta: Double, smoothing: Double) -> LossParameters {
    var parameters = LossParameters()
    parameters.beta = beta
    if loss.type.parameters.contains(.labelSmoothing) { parameters.labelSmoothing = smoothing }
    if loss == .exoPair { parameters.labelSmoothing = 0.1 }
    return parameters
  }

  @Test(arguments: PreferenceLoss.allCases, [0.0, 0.1])
  func slopesAreTheLimitsOfDifferences(loss: PreferenceLoss, smoothing: Double) throws {
    let function = try loss.type.init(Self.parameters(loss, beta: 0.3, smoothing: smoothing))
    let lengths = Sides(chosen: 7, rejected: 4)
    let reference = loss.comparesWithReference ? Sides(chosen: -11, rejected: -9.5) : Sides(chosen: 0, rejected: 0)
    for policy in [
      Sides(chosen: -10, rejected: -12), Sides(chosen: -13, rejected: -7), Sides(chosen: -11, rejected: -9.5),
    ] {
      func value(_ chosen: Double, _ rejected: Double) -> PairLossValue {
        let policy = Sides(chosen: policy.chosen + chosen, rejected: policy.rejected + rejected)
        return function(Pair(policy: policy, reference: reference, lengths: lengths))
      }
      let (slopes, h) = (value(0, 0).slopes, 1e-5)
      #expect(abs((value(h, 0).loss - value(-h, 0).loss) / (2 * h) - slopes.chosen) < 1e-8, "\(loss) chosen")
      #expect(abs((value(0, h).loss - value(0, -h).loss) / (2 * h) - slopes.rejected) < 1e-8, "\(loss) rejected")
    }
  }

  @Test func equalModelsLoseTheLogarithmOfTwo() {
    let same = Sides(chosen: -120.5, rejected: -80.25)
    let value = SigmoidLoss(LossParameters())(
      Pair(policy: same, reference: same, lengths: Sides(chosen: 3, rejected: 5)))
    #expect(Float(value.loss) == 0.6931471824645996)
    #expect(value.slopes == Sides(chosen: -0.05, rejected: 0.05))
  }

  /// IPO's equation 17 as it is written, where TRL divides by the answers' lengths.
  @Test func ipoMaySum() {
    var parameters = LossParameters()
    parameters.beta = 0.5
    let pair = Pair(
      policy: Sides(chosen: -4, rejected: -12), reference: Sides(chosen: -5, rejected: -9.5),
      lengths: Sides(chosen: 2, rejected: 5))
    #expect(IPOLoss(parameters)(pair).loss == 0)  // (1/2 + 2.5/5 − 1)²
    parameters.ipoSums = true
    #expect(IPOLoss(parameters)(pair).loss == 6.25)  // (1 + 2.5 − 1)²
  }

  /// What TRL's `cpo_loss` says in double precision, at β 2.5 and γ 0.1.
  @Test(
    arguments: [
      (0.25, 0.0, [0.0011383572386607693, 0.9868687782402545, 18064.03693185363]),
      (-0.5, 0.1, [0.37915858545040326, 0.7820714133288784, 1.8798041350543995]),
      (0.0, 0.0, [0.021507693951035824, 0.8938960924812032, 70.1]),
    ] as [(Double, Double, [Double])]) func alphaShapesTheReward(alpha: Double, smoothing: Double, losses: [Double])
  {
    var parameters = Self.parameters(.alphapo, beta: 2.5, smoothing: smoothing)
    (parameters.alphapoAlpha, parameters.simpoGamma) = (alpha, 0.1)
    let averages = [(-10.0 / 7, -3.0), (-13.0 / 7, -1.75), (-30.0, -2.0)]
    for ((chosen, rejected), expected) in zip(averages, losses) {
      let pair = Pair(
        policy: Sides(chosen: 8 * chosen, rejected: 4 * rejected), reference: Sides(chosen: 0, rejected: 0),
        lengths: Sides(chosen: 8, rejected: 4))
      let loss = AlphaPOLoss(parameters)(pair).loss
      #expect(abs(loss - expected) < 1e-12 * max(1, expected))
      if alpha == 0 { #expect(loss == SimPOLoss(parameters)(pair).loss) }
    }
  }

  @Test(arguments: PreferenceLoss.allCases) func extremeMarginsStayFinite(loss: PreferenceLoss) throws {
    let function = try loss.type.init(Self.parameters(loss, beta: 10, smoothing: 0.1))
    for sides in [Sides(chosen: -1e5, rejected: 0), Sides(chosen: 1e5, rejected: 0), Sides(chosen: 0, rejected: -1e5)] {
      let value = function(
        Pair(policy: sides, reference: Sides(chosen: 0, rejected: 0), lengths: Sides(chosen: 1, rejected: 1)))
      #expect(value.loss.isFinite && value.slopes.chosen.isFinite && value.slopes.rejected.isFinite)
    }
  }

  @Test func meaninglessParametersAreRefused() {
    func message(_ loss: PreferenceLoss, _ change: (inout LossParameters) -> Void) -> String? {
      var parameters = LossParameters()
      change(&parameters)
      do { _ = try PreferenceObjective([loss], parameters); return nil } catch { return "\(error)" }
    }
    #expect(message(.sigmoid) { $0.beta = 0 } == "'beta' must be greater than 0, not 0.0")
    #expect(message(.sigmoid) { $0.beta = .nan } == "'beta' must be greater than 0, not nan")
    #expect(
      message(.robust) { $0.labelSmoothing = 0.5 }
        == "'label-smoothing' must be at least 0 and less than 0.5, not 0.5")
    #expect(
      message(.hinge) { $0.labelSmoothing = 0.1 } == "'label-smoothing' has no meaning for 'loss' hinge; leave it out")
    #expect(
      message(.sigmoid) { $0.simpoGamma = 1 } == "'simpo-gamma' has no meaning for 'loss' sigmoid; leave it out")
  }

  @Test(arguments: ["dpo-norm", "dpo_norm", "sigmoid_norm", "sigmoid-norm"]) func namesOfTRLAndOurs(name: String) {
    #expect(PreferenceLoss(named: name) == .dpoNorm)
  }
}
