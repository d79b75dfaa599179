import JSON
import Rewards

/// A service that judges texts over HTTP, in the form of OpenAI's `/v1/moderations`: it gets `{"input": …}`, a text or a list of
/// texts, and replies `{"results": [{"flagged": true, "categories": {"violence": true}}]}`, one result for each text.
///
/// A text is refused where its result is flagged, and where any of its categories is. Whatever is not such a reply is no
/// verdict: the text then counts as not judged.
public struct ModerationEndpoint: Moderator {
  /// The name that `/v1/moderations` gives.
  public let name = "endpoint"
  private let address: String
  private let limit: Duration

  /// A judge by a service's address.
  /// - Parameter limit: how long one request may take, above 0.
  /// - Throws: `ModerationError` for an address that is not http or https.
  public init(_ address: String, limit: Duration = .seconds(10)) throws(ModerationError) {
    guard isAddressOfService(address) else {
      throw ModerationError("the address of a moderation service begins with http:// or https:// and names a host")
    }
    (self.address, self.limit) = (address, limit)
  }

  /// Asks the service about all texts at once.
  public func verdicts(on texts: [String]) async throws -> [ModerationVerdict] {
    let input: JSON = texts.count == 1 ? .string(texts[0]) : .array(texts.map(JSON.string))
    switch await post(Array((["input": input] as JSON).text.utf8), to: address, within: limit) {
    case .success(let reply): return try Self.verdicts(in: reply, count: texts.count)
    case .failure(let failure): throw ModerationError("the moderation service \(failure.reason)")
    }
  }

  /// The reply's words stay out of errors: they may be the text's.
  static func verdicts(in reply: [UInt8], count: Int) throws(ModerationError) -> [ModerationVerdict] {
    guard let json = try? JSON(parsing: reply) else {
      throw ModerationError("the moderation service replied with what is not JSON")
    }
    guard let results = json["results"]?.array else {
      throw ModerationError("the moderation service replied without a list of 'results'")
    }
    guard results.count == count else {
      throw ModerationError("the moderation service replied with \(results.count) results for \(count) texts")
    }
    var verdicts: [ModerationVerdict] = []
    for result in results { verdicts.append(try verdict(result)) }
    return verdicts
  }

  private static func verdict(_ result: JSON) throws(ModerationError) -> ModerationVerdict {
    guard let isFlagged = result["flagged"]?.bool else {
      throw ModerationError("the moderation service replied with a result whose 'flagged' is not true or false")
    }
    let categories = (result["categories"]?.object ?? [:]).map { name, value in
      ModerationVerdict.Category(
        name: name, isFlagged: value.bool == true, score: result["category_scores"]?[name]?.double)
    }
    return ModerationVerdict(isFlagged: isFlagged || categories.contains(where: \.isFlagged), categories: categories)
  }
}
