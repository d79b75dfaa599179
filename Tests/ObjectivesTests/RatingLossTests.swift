import Testing

@testable import Objectives

/// Losses of single answers, in double precision.
@Suite struct RatingLossTests {
  // The pairs of which the values below are, and what TRL's formulas make of them with β 0.1.
  private static let good = [1, -2.5, 0.75, -1.0]
  private static let bad = [-0.5, 1, -1.25, 1.0]

  @Test func ktoIsAsItsPaperSays() throws {
    let loss = try KTOLoss(.kto, beta: 0.1)
    let goodLosses = [0.4925005624493797, 0.5793242521487494, 0.49875000260416014, 0.5423979407743511]
    let badLosses = [0.47003594823542827, 0.5074994375506203, 0.45140389141686565, 0.5074994375506203]
    for (ratio, expected) in zip(Self.good, goodLosses) {
      #expect(abs(loss(logRatio: ratio, divergence: 0.7, isGood: true).loss - expected) < 1e-9)
    }
    for (ratio, expected) in zip(Self.bad, badLosses) {
      #expect(abs(loss(logRatio: ratio, divergence: 0.7, isGood: false).loss - expected) < 1e-9)
    }
  }

  @Test func bcoComparesWithTheMeanOfAllRewards() throws {
    let loss = try BCOLoss(beta: 0.1)
    let shift = 0.1 * (Self.good + Self.bad).reduce(0, +) / 8
    let goodLosses = [0.6355338411468139, 0.8154419092648673, 0.6473704112766769, 0.7345971489898566]
    let badLosses = [0.6776442459057149, 0.7542838411468139, 0.6414326501062987, 0.7542838411468139]
    for (ratio, expected) in zip(Self.good, goodLosses) {
      #expect(abs(loss(logRatio: ratio, shift: shift, isGood: true).loss - expected) < 1e-9)
    }
    for (ratio, expected) in zip(Self.bad, badLosses) {
      #expect(abs(loss(logRatio: ratio, shift: shift, isGood: false).loss - expected) < 1e-9)
    }
  }

  @Test(arguments: [-40, -3, -0.2, 0, 1.5, 30], [true, false])
  func slopesAreLimitsOfDifferences(ratio: Double, isGood: Bool) throws {
    let kto = try KTOLoss(.kto, beta: 0.3, desirableWeight: 1.5, undesirableWeight: 0.5)
    let bco = try BCOLoss(beta: 0.3)
    let losses: [(Double) -> (loss: Double, slope: Double)] = [
      { kto(logRatio: $0, divergence: 0.8, isGood: isGood) }, { bco(logRatio: $0, shift: -0.4, isGood: isGood) },
    ]
    let h = 1e-5
    for loss in losses {
      #expect(abs((loss(ratio + h).loss - loss(ratio - h).loss) / (2 * h) - loss(ratio).slope) < 1e-8)
    }
  }

  @Test func extremeRatiosStayFinite() throws {
    let (kto, bco) = (try KTOLoss(.kto, beta: 10), try BCOLoss(beta: 10))
    for (ratio, isGood) in [(-1e5, true), (1e5, true), (-1e5, false), (1e5, false)] {
      for (loss, slope) in [
        kto(logRatio: ratio, divergence: 0, isGood: isGood), bco(logRatio: ratio, shift: 0, isGood: isGood),
      ] { #expect(loss.isFinite && slope.isFinite) }
    }
  }

  @Test func meaninglessParametersAreRefused() {
    func message(_ beta: Double, _ good: Double, _ bad: Double) -> String? {
      do { _ = try KTOLoss(.kto, beta: beta, desirableWeight: good, undesirableWeight: bad); return nil } catch {
        return "\(error)"
      }
    }
    #expect(message(0, 1, 1) == "'beta' must be greater than 0, not 0.0")
    #expect(message(0.1, -1, 1) == "'desirable-weight' must be at least 0, not -1.0")
    #expect(message(0.1, 1, .nan) == "'undesirable-weight' must be at least 0, not nan")
    #expect(
      message(0.1, 0, 0)
        == "'desirable-weight' and 'undesirable-weight' must not both be 0: nothing would be learned")
    #expect(throws: ObjectiveError.self) { try BCOLoss(beta: -1) }
  }
}
