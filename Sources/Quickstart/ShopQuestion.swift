import Datasets

/// A visitor's question about a thing in the shop; all that is needed to answer it stands in its text.
public struct ShopQuestion: Sendable, Hashable {
  /// The thing, as in "the blue kettle".
  public let thing: String
  /// What is asked.
  public let asked: ShopFact
  /// What is true of the thing.
  public let truth: [ShopFact: String]
  /// The prompt, as in "The blue kettle stands by the door. It costs 10 coins. It was made by Ada. Who made it?".
  public let text: String

  /// - Parameter heldOut: whether the thing is one that training prompts never speak of, or one that they do.
  init(heldOut: Bool, using generator: inout SplitMix64) {
    var colour: Int
    var item: Int
    repeat {
      colour = generator.index(below: Shop.colours.count)
      item = generator.index(below: Shop.items.count)
    } while Shop.isHeldOut(colour: colour, item: item) != heldOut
    thing = "the \(Shop.colours[colour]) \(Shop.items[item])"
    var truth: [ShopFact: String] = [:]
    for fact in ShopFact.allCases { truth[fact] = generator.pick(fact.values) }
    self.truth = truth
    asked = generator.pick(ShopFact.allCases)
    var sentences: [String] = []
    for fact in generator.shuffle(ShopFact.allCases) {
      sentences.append(fact.sentence(about: sentences.isEmpty ? thing : "it", truth[fact] ?? ""))
    }
    text = (sentences + [generator.pick(asked.questions)]).joined(separator: " ")
  }

  /// The true answer to what is asked.
  public var rightValue: String { truth[asked] ?? "" }

  /// The same as a full sentence that names the thing.
  public var rightSentence: String { asked.sentence(about: thing, rightValue) }
}
