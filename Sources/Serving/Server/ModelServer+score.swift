import Hummingbird
import JSON
import Rewards

extension ModelServer {
  /// `POST /v1/score`: what answers are worth, in the form that `RewardEndpoint` reads.
  func score(_ request: Request, _ context: ServingContext) async throws -> Response {
    guard let reward else {
      throw APIError(
        status: .notFound, message: says("this server has no reward model (\(setting: "reward"))"), code: "no_reward")
    }
    return try await withBody(of: request, context) {
      try ScoreRequest($0).answers
    } _: { answers in
      try admission.enter(1)
      defer { admission.leave(1) }
      let outcomes = try await read(for: context) { try await reward.rewards(for: answers) }
      context.record.note { $0.scores += outcomes.count { $0.value != nil } }
      return .json(["model": .string(reward.name), "rewards": .array(outcomes.map(\.json))])
    }
  }
}

extension RewardOutcome {
  /// As a reward's service says it.
  fileprivate var json: JSON {
    switch self {
    // The digits that a Float has, where it was one.
    case .reward(let value):
      .number(Double(Float(value)) == value ? Double("\(Float(value))") ?? value : value)
    case .notMine: .null
    case .failed(let reason): ["error": .string(reason.cut(to: 1000))]
    }
  }
}
