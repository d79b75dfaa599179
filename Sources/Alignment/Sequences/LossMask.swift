/// Which tokens of the assistant's turns count in the loss.
public enum LossMask: String, Sendable, CaseIterable {
  /// For conversations what the template marks, where it marks anything, and else whole turns; for pairs and ratings the whole
  /// last answer. That is what TRL scores with `assistant_only_loss`, and in DPO.
  case auto
  /// What the template marks with `{% generation %}`, as transformers' `return_assistant_tokens_mask` says it.
  case template
  /// Whole turns, each with the end that the template writes.
  case turns
  /// The last turn that is learned, whole; pairs and rated answers have no other.
  case last
}
