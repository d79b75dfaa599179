import ModelFiles

extension ContinuousBatch {
  /// Checks a request before the model is there.
  /// - Throws: `InferenceError` for what could never run.
  public static func check(_ request: Request, for config: LlamaConfig) throws(InferenceError) {
    let context = config.contextLength
    if let problem = problem(with: request, config: config, context: context, Limits(cachedTokens: context)) {
      throw problem
    }
  }

  /// Why a request could never run, in one line; nil where it can.
  static func problem(
    with request: Request, config: LlamaConfig, context: Int, _ limits: Limits
  ) -> InferenceError? {
    if request.prompt.isEmpty { return InferenceError("the prompt is empty: there is nothing to continue") }
    if let token = request.prompt.first(where: { $0 < 0 || $0 >= config.vocabularySize }) {
      return InferenceError(
        "token \(token) is outside the model's vocabulary of \(config.vocabularySize); the tokenizer is another model's"
      )
    }
    let room = min(context, limits.cachedTokens)
    let least = request.scoresPrompt ? 0 : 1
    if request.prompt.count > room || request.prompt.count == room && request.maximumTokens != 0 {
      return InferenceError(
        "the prompt of \(request.prompt.count) tokens leaves no room for an answer in a context of \(room)")
    }
    if let most = request.maximumTokens, most < least {
      return InferenceError("the most tokens must be at least \(least), not \(most)")
    }
    if request.alternatives < 0 { return InferenceError("the number of alternatives must be at least 0") }
    return request.sampling.problem.map(InferenceError.init)
  }
}
