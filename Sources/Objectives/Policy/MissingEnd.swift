/// What the score of an answer becomes that was cut off before its end.
public enum MissingEnd: Sendable, Equatable {
  /// This, whatever it was: −10 in Tulu 2.5.
  case replaced(by: Double)
  /// Less by this, as in TRL.
  case reduced(by: Double)

  /// The score of an answer that was cut off.
  public func callAsFunction(_ score: Double) -> Double {
    switch self {
    case .replaced(let other): other
    case .reduced(let penalty): score - penalty
    }
  }
}
