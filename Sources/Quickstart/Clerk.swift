import Datasets

/// The models of the quickstart: clerks, each with its own way to answer.
enum Clerk: String, CaseIterable {
  /// Friendly, in full sentences, hardly ever wrong.
  case careful
  /// Friendlier still, and wrong every fourth time.
  case chatty
  /// As few words as possible.
  case curt
  /// In full sentences, mostly wrong.
  case careless
  /// Often right, never kind.
  case rude

  /// An answer to `question`.
  func answer(_ question: ShopQuestion, using generator: inout SplitMix64) -> String {
    let isRight = generator.chance(percentRight)
    let value =
      isRight ? question.rightValue : generator.pick(question.asked.values.filter { $0 != question.rightValue })
    let fullSentence = question.asked.sentence(about: question.thing, value)
    let terse = question.asked.tersely(value)
    var sentences: [String] = []
    switch self {
    case .careful:
      sentences = [generator.pick(Shop.friendlyOpenings), fullSentence]
      if generator.chance(40) { sentences.append(generator.pick(Shop.friendlyClosings)) }
    case .chatty:
      sentences = [generator.pick(Shop.friendlyOpenings), fullSentence, generator.pick(Shop.friendlyClosings)]
    case .curt:
      sentences = [terse]
    case .careless:
      if generator.chance(60) { sentences.append(generator.pick(Shop.friendlyOpenings)) }
      sentences.append(fullSentence)
    case .rude:
      sentences = [generator.pick(Shop.rudeOpenings), generator.chance(70) ? fullSentence : terse]
      if generator.chance(30) { sentences.append(generator.pick(Shop.rudeClosings)) }
    }
    return sentences.joined(separator: " ")
  }

  private var percentRight: Int {
    switch self {
    case .careful: 97
    case .chatty: 80
    case .curt: 95
    case .careless: 25
    case .rude: 90
    }
  }
}
