extension BCOObjective {
  /// Binary classifier optimization, of rated answers.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "bco", unit: "answers",
      method: "by binary classifier optimization (BCO) on single answers, each rated good or bad",
      figures: [
        .init("margin", metric: "rewards/margins", digits: 5), .init("shift", metric: "delta", digits: 5),
      ],
      meaning: """
        \(Rated.meaning) The shift (`delta`) is the mean of all rewards that training has seen; a good answer's reward is to \
        lie above it, a bad one's below. The loss is ln 2 = 0.693147 while the two models agree.
        """,
      citations: [Self.citation])
  }

  private static let citation = """
    @article{jung2024binary,
      title = {Binary Classifier Optimization for Large Language Model Alignment},
      author = {Jung, Seungjae and Han, Gunsoo and Nam, Daniel Wontae and On, Kyoung-Woon},
      year = {2024},
      eprint = {2404.04656},
      archivePrefix = {arXiv}
    }
    """
}
