import Hummingbird
import JSON

extension ModelServer {
  /// `POST /votes`: writes a vote down and says how the models stand.
  func vote(_ request: Request, _ context: ServingContext) async throws -> Response {
    let book = try voteBook()
    return try await withBody(of: request, context) {
      try Vote($0, models: book.models)
    } _: {
      try await vote($0, in: book)
    }
  }

  private func vote(_ vote: Vote, in book: VoteBook) async throws -> Response {
    do throws(VoteFileError) {
      let score = try await book.add(vote)
      metrics.count(vote: vote.better.map { vote.answers[$0].model } ?? (vote.verdict == .tie ? "tie" : "both_bad"))
      return .json(score.json)
    } catch {
      throw APIError(
        status: .init(code: 507), message: says("the vote could not be written down: \(error)"), code: "vote_not_kept")
    }
  }

  func voteBook() throws(APIError) -> VoteBook {
    guard let votes else {
      throw APIError(status: .notFound, message: "votes are taken where two models are served", code: "no_votes")
    }
    return votes
  }
}
