import Datasets

/// The small world of the quickstart: a shop of second-hand things, where visitors ask and clerks answer.
enum Shop {
  static let colours = ["red", "blue", "green", "white", "black", "brown", "pink", "golden"]
  static let items = [
    "kettle", "lamp", "clock", "drum", "bell", "hat", "map", "chair", "basket", "mirror", "candle", "ladder", "kite",
    "vase", "carpet", "flute",
  ]
  static let prices = ["2", "3", "5", "8", "10", "20"].map { "\($0) coins" }
  static let places = [
    "by the door", "on the table", "on the shelf", "in the attic", "under the stairs", "behind the counter",
  ]
  static let makers = ["Ada", "Bruno", "Clara", "Emil", "Flora", "Otto"]

  static let friendlyOpenings = ["Of course!", "With pleasure!", "Gladly!"]
  static let friendlyClosings = ["Have a lovely day!", "Do come again!"]
  static let rudeOpenings = ["Use your eyes.", "Not you again.", "What a silly question."]
  static let rudeClosings = ["Now go away."]

  /// Whether a thing is kept for held-out prompts: an eighth of them, each colour and each item among them.
  static func isHeldOut(colour: Int, item: Int) -> Bool { (colour + item) % 8 == 0 }
}

extension SplitMix64 {
  /// One of the choices, each as likely as the others.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[index(below: choices.count)] }

  /// The choices in random order (Fisher and Yates).
  mutating func shuffle<Choice>(_ choices: [Choice]) -> [Choice] {
    var shuffled = choices
    for end in stride(from: shuffled.count - 1, to: 0, by: -1) { shuffled.swapAt(end, index(below: end + 1)) }
    return shuffled
  }

  /// True in about `percent` of a hundred draws.
  mutating func chance(_ percent: Int) -> Bool { index(below: 100) < percent }
}
