import Hummingbird
import JSON
import Wording

extension ModelServer {
  /// `POST /ratings`: writes a rating down, or takes one back, and says how many there are.
  func rate(_ request: Request, _ context: ServingContext) async throws -> Response {
    guard let ratings else {
      throw APIError(
        status: .notFound,
        message: says("ratings are taken where the server has a file for them (\(setting: "ratings"))"),
        code: "no_ratings")
    }
    return try await withBody(of: request, context) { [names = models.map(\.name)] in
      try AnswerRating($0, models: names)
    } _: {
      try await rate($0, in: ratings)
    }
  }

  private func rate(_ rating: AnswerRating, in book: RatingBook) async throws -> Response {
    let outcome: RatingBook.Outcome
    do throws(VoteFileError) { outcome = try await book.put(rating) } catch {
      throw APIError(
        status: .init(code: 507), message: "the rating could not be written down: \(error)", code: "rating_not_kept")
    }
    switch outcome {
    case .unknown:
      throw APIError(
        status: .notFound, message: "there is no rating of this 'id'; leave it out to add one", field: "id",
        code: "rating_not_found")
    case .withdrawn: metrics.count(rating: "none")
    case .kept: metrics.count(rating: rating.judged?.isGood == true ? "good" : "bad")
    }
    var members = await counted(book)
    if case .kept(let id) = outcome { members["id"] = .string(id) }
    return .json(.object(members))
  }

  /// `GET /ratings`: whether ratings are taken, and how many there are.
  func ratingCounts() async -> Response {
    guard let ratings else { return .json(["taken": false]) }
    return .json(.object(await counted(ratings)))
  }

  private func counted(_ book: RatingBook) async -> TextKeyed<JSON> {
    let counts = await book.counts
    return ["taken": true, "good": .integer(counts.good), "bad": .integer(counts.bad)]
  }
}
