import Foundation

/// How the learning rate rises and falls over a run, as transformers' schedules do.
public struct LearningRateSchedule: Sendable, Equatable {
  /// The course after the warm-up.
  public enum Shape: String, Sendable, CaseIterable {
    /// Down to the final rate in a straight line.
    case linear
    /// Down to the final rate along half a cosine.
    case cosine
    /// Not at all.
    case constant
  }

  /// The course after the warm-up.
  public let shape: Shape
  /// The highest rate.
  public let peak: Double
  /// The rate that it falls to, as a rule 0.
  public let final: Double
  /// The steps of the warm-up, from 0 to the peak in a straight line.
  public let warmupSteps: Int
  /// All steps of the run.
  public let totalSteps: Int

  /// A schedule whose warm-up takes a share of all steps, rounded up.
  public init(_ shape: Shape, peak: Double, final: Double = 0, warmupRatio: Double, totalSteps: Int) {
    self.shape = shape
    self.peak = peak
    self.final = final
    self.totalSteps = totalSteps
    warmupSteps = Int((warmupRatio * Double(totalSteps)).rounded(.up))
  }

  /// The highest rate that a step of the run has: 0 where the warm-up is all of a run of one step.
  public var highestRate: Double { rate(at: min(warmupSteps, totalSteps - 1)) }

  /// The rate of the step that `step` others precede. The first is 0 where there is a warm-up.
  public func rate(at step: Int) -> Double {
    if step < warmupSteps { return peak * Double(step) / Double(warmupSteps) }
    let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
    switch shape {
    case .linear: return final + (peak - final) * max(0, 1 - progress)
    case .cosine: return final + (peak - final) * max(0, 0.5 * (1 + cos(.pi * progress)))
    case .constant: return peak
    }
  }
}
