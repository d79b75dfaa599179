import Testing

@testable import Objectives

@Suite struct PreferenceLossTests {
  private typealias Sides = PreferenceLoss.Sides

  @Test(arguments: PreferenceLoss.Kind.allCases, [0.0, 0.1])
  func gradientIsTheLimitOfDifferences(kind: PreferenceLoss.Kind, smoothing: Double) throws {
    guard smoothing == 0 || kind.takesLabelSmoothing else { return }
    let loss = try PreferenceLoss(kind, beta: 0.3, labelSmoothing: smoothing, targetMargin: 0.4)
    let reference = Sides(chosen: -11, rejected: -9.5)
    let lengths = Sides(chosen: 7, rejected: 4)
    for policy in [
      Sides(chosen: -10, rejected: -12), Sides(chosen: -13, rejected: -7), Sides(chosen: -11, rejected: -9.5),
    ] {
      let (_, gradient, _) = loss(policy: policy, reference: reference, lengths: lengths)
      func value(_ chosen: Double, _ rejected: Double) -> Double {
        let policy = Sides(chosen: policy.chosen + chosen, rejected: policy.rejected + rejected)
        return loss(policy: policy, reference: reference, lengths: lengths).loss
      }
      let h = 1e-5
      #expect(abs((value(h, 0) - value(-h, 0)) / (2 * h) - gradient.chosen) < 1e-8, "\(kind) chosen")
      #expect(abs((value(0, h) - value(0, -h)) / (2 * h) - gradient.rejected) < 1e-8, "\(kind) rejected")
    }
  }

  @Test func equalModelsLoseTheLogarithmOfTwo() throws {
    let same = Sides(chosen: -120.5, rejected: -80.25)
    let (loss, gradient, rewards) = try PreferenceLoss(.sigmoid, beta: 0.1)(
      policy: same, reference: same, lengths: Sides(chosen: 3, rejected: 5))
    #expect(Float(loss) == 0.6931471824645996)
    #expect(gradient == Sides(chosen: -0.05, rejected: 0.05))
    #expect(rewards == Sides(chosen: 0, rejected: 0))
  }

  @Test func robustIsNotConservative() throws {
    let policy = Sides(chosen: -10, rejected: -20)
    let reference = Sides(chosen: -15, rejected: -15)
    let lengths = Sides(chosen: 5, rejected: 5)
    let conservative = try PreferenceLoss(.sigmoid, beta: 0.1, labelSmoothing: 0.2)
    let robust = try PreferenceLoss(.robust, beta: 0.1, labelSmoothing: 0.2)
    let (p, n) = (logSigmoid(1), logSigmoid(-1))
    #expect(
      abs(conservative(policy: policy, reference: reference, lengths: lengths).loss - (-0.8 * p - 0.2 * n)) < 1e-12)
    #expect(
      abs(robust(policy: policy, reference: reference, lengths: lengths).loss - (-0.8 * p + 0.2 * n) / 0.6) < 1e-12)
  }

  @Test func extremeMarginsStayFinite() throws {
    for kind in PreferenceLoss.Kind.allCases {
      let loss = try PreferenceLoss(kind, beta: 10)
      for chosen in [-1e5, 1e5] {
        let (value, gradient, _) = loss(
          policy: Sides(chosen: chosen, rejected: 0), reference: Sides(chosen: 0, rejected: 0),
          lengths: Sides(chosen: 1, rejected: 1))
        #expect(value.isFinite && gradient.chosen.isFinite && gradient.rejected.isFinite)
      }
    }
  }

  @Test func meaninglessParametersAreRefused() {
    func message(_ kind: PreferenceLoss.Kind, _ beta: Double, _ smoothing: Double) -> String? {
      do { _ = try PreferenceLoss(kind, beta: beta, labelSmoothing: smoothing); return nil } catch { return "\(error)" }
    }
    #expect(message(.sigmoid, 0, 0) == "'beta' must be greater than 0, not 0.0")
    #expect(message(.sigmoid, .nan, 0) == "'beta' must be greater than 0, not nan")
    #expect(message(.robust, 1, 0.5) == "'label-smoothing' must be at least 0 and less than 0.5, not 0.5")
    #expect(message(.hinge, 1, 0.1) == "'label-smoothing' has no meaning for 'loss' hinge; leave it out")
  }
}
