import Training

/// Something that runs are compared by.
struct SweepMeasure: Sendable {
  /// Its name in `metrics.jsonl`.
  let name: String
  /// What tables call it.
  let heading: String
  /// What it is called where there is room.
  let title: String

  /// What tables and charts show of a run that has it, in their order.
  static let shown = [
    SweepMeasure(name: "loss", heading: "train loss", title: "Loss"),
    SweepMeasure(name: "rewards/accuracies", heading: "accuracy", title: "Accuracy"),
    SweepMeasure(name: "rewards/margins", heading: "margin", title: "Margin"),
    SweepMeasure(name: "kl", heading: "kl", title: "KL estimate"),
    SweepMeasure(name: "eval_loss", heading: "eval loss", title: "Held-out loss"),
    SweepMeasure(name: "eval_rewards/accuracies", heading: "eval accuracy", title: "Held-out accuracy"),
    SweepMeasure(name: "eval_rewards/margins", heading: "eval margin", title: "Held-out margin"),
    SweepMeasure(name: "eval_kl", heading: "eval kl", title: "Held-out KL estimate"),
    SweepMeasure(
      name: "eval_" + BatchResult.logRatio, heading: "eval log-ratio", title: "Log-ratio to the reference, held-out"),
    SweepMeasure(
      name: "eval_" + SampledAnswers.length, heading: "answer length", title: "Length of answers"),
    SweepMeasure(name: "eval_" + SampledAnswers.cut, heading: "cut", title: "Share of answers that were cut"),
    SweepMeasure(
      name: "eval_" + SampledAnswers.divergence, heading: "answer kl", title: "KL divergence from the reference"),
  ]

  /// Whether less of a measure is better: of losses, of divergences, and of what is said for rejected answers.
  static func isBetterLow(_ name: String) -> Bool {
    let last = name.split(separator: "/").last ?? ""
    return last.hasSuffix("loss") || last == "kl" || last == "eval_kl" || ["rejected", "cut"].contains(last)
      || last == "grad_norm"
  }
}
