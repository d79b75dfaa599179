/// How the losses of tokens become a batch's, by the names that TRL's `loss_type` has for it.
///
/// A batch is all that one update is made of, however it is computed: micro-batches change nothing.
public enum PolicyAggregation: String, Sendable, CaseIterable {
  /// The mean over answers of each one's mean over its tokens (Shao et al. 2024, arXiv 2402.03300, equation 3).
  case grpo
  /// The mean over the batch's tokens. TRL's is over those of a micro-batch, and so depends on the split.
  case bnpo
  /// The sum over tokens, by the number of answers times the greatest length of one (Liu et al. 2025, arXiv 2503.20783).
  case drGRPO = "dr_grpo"
  /// The mean over the batch's tokens (Yu et al. 2025, arXiv 2503.14476).
  case dapo
  /// The mean over answers of each one's sum over its tokens.
  case luspo

  /// Whether each answer counts alike, one without tokens too; otherwise each token does.
  var countsAnswers: Bool { self == .grpo || self == .drGRPO || self == .luspo }

  /// What the sum over an answer's tokens is multiplied by.
  func factor(tokens: Int, maximumLength: Int?) -> Double {
    switch self {
    case .grpo: 1 / Double(max(1, tokens))
    case .drGRPO: 1 / Double(maximumLength ?? 1)
    case .bnpo, .dapo, .luspo: 1
    }
  }
}
