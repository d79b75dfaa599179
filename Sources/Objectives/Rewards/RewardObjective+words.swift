extension RewardObjective {
  /// A reward model's.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "reward-model", unit: "pairs",
      method: "as a reward model, which scores answers, on pairs of a better and a worse answer to the same prompt",
      figures: [
        .init("accuracy", metric: "accuracy", digits: 3), .init("margin", metric: "margin", digits: 4),
      ],
      meaning: """
        The margin is the better answer's reward less the worse one's; accuracy is the share of pairs in which it is above 0. \
        Only differences between answers to the same prompt mean something: \
        \(centering > 0 ? "training held rewards about 0, but no further." : "nothing says where a reward of 0 lies.")
        """,
      citations: [Self.citation])
  }

  private static let citation = """
    @inproceedings{ouyang2022training,
      title = {Training language models to follow instructions with human feedback},
      author = {Ouyang, Long and Wu, Jeffrey and Jiang, Xu and Almeida, Diogo and Wainwright, Carroll and Mishkin, Pamela and
                Zhang, Chong and Agarwal, Sandhini and Slama, Katarina and Ray, Alex and others},
      booktitle = {Advances in Neural Information Processing Systems},
      year = {2022},
      eprint = {2203.02155},
      archivePrefix = {arXiv}
    }
    """
}
