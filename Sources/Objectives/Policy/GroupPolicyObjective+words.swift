extension GroupPolicyObjective {
  /// RLOO's where ρ is that of whole answers, and else GRPO's.
  public var words: ObjectiveWords {
    let isLeaveOneOut = importance == .answer
    return ObjectiveWords(
      tag: isLeaveOneOut ? "rloo" : "grpo", unit: "prompts",
      method: isLeaveOneOut
        ? "by REINFORCE leave-one-out (RLOO) on its own answers, each compared with the others to the same prompt"
        : "by group relative policy optimization (GRPO) on its own answers, each compared with the others to the same prompt",
      figures: (penalty == nil ? [] : [.init("KL", metric: "kl", digits: 5)])
        + (surrogate.isClipping ? [.init("clipped", metric: "clip_ratio/region_mean", digits: 4)] : []),
      meaning: meaning, citations: papers.map(\.bibtex))
  }

  private var meaning: String {
    let divergence =
      penalty.map {
        "`kl` estimates how far the model is from the reference, in nats a token; it costs \($0.beta) times that. "
      } ?? ""
    let clipped =
      surrogate.isClipping
      ? "`clip_ratio/region_mean` is the share of tokens whose probability has moved so far that the loss no longer moves it. "
      : ""
    return """
      \(divergence)\(clipped)The loss itself says little: it is near 0 when an answer is first learned from, whatever its \
      reward.
      """
  }

  private var papers: [Paper] {
    [importance == .answer ? Paper.rloo : .grpo] + (importance == .sequence ? [.gspo] : [])
      + [surrogate.paper, aggregation.paper].compactMap { $0 }
  }
}

extension PolicySurrogate {
  /// Whether it is PPO's.
  var isClipping: Bool { if case .clipped = self { true } else { false } }

  fileprivate var paper: Paper? {
    switch self {
    case .clipped: nil
    case .cispo:
      Paper(
        "minimax2025m1", "{MiniMax-M1}: Scaling Test-Time Compute Efficiently with Lightning Attention", "{MiniMax}",
        year: 2025, arXiv: "2506.13585")
    case .sapo:
      Paper(
        "gao2025soft", "Soft Adaptive Policy Optimization", "Gao, Chang and others", year: 2025, arXiv: "2511.20347")
    }
  }
}

extension PolicyAggregation {
  fileprivate var paper: Paper? {
    switch self {
    case .grpo, .bnpo, .luspo: nil
    case .drGRPO:
      Paper(
        "liu2025understanding", "Understanding {R1-Zero}-Like Training: A Critical Perspective",
        "Liu, Zichen and others",
        year: 2025, arXiv: "2503.20783")
    case .dapo:
      Paper(
        "yu2025dapo", "{DAPO}: An Open-Source {LLM} Reinforcement Learning System at Scale", "Yu, Qiying and others",
        year: 2025, arXiv: "2503.14476")
    }
  }
}

extension Paper {
  fileprivate static let grpo = Paper(
    "shao2024deepseekmath", "{DeepSeekMath}: Pushing the Limits of Mathematical Reasoning in Open Language Models",
    "Shao, Zhihong and others", year: 2024, arXiv: "2402.03300")

  fileprivate static let rloo = Paper(
    "ahmadian2024back",
    "Back to Basics: Revisiting {REINFORCE} Style Optimization for Learning from Human Feedback in {LLMs}",
    "Ahmadian, Arash and others", year: 2024, arXiv: "2402.14740")

  fileprivate static let gspo = Paper(
    "zheng2025group", "Group Sequence Policy Optimization", "Zheng, Chujie and others", year: 2025, arXiv: "2507.18071")
}
