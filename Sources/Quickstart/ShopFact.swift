/// What can be known about a thing in the shop.
public enum ShopFact: String, Sendable, Hashable, CaseIterable {
  /// What it costs.
  case price
  /// Where it is.
  case place
  /// Who made it.
  case maker

  /// All values that the fact can have.
  var values: [String] {
    switch self {
    case .price: Shop.prices
    case .place: Shop.places
    case .maker: Shop.makers
    }
  }

  /// How visitors ask for it.
  var questions: [String] {
    switch self {
    case .price: ["How much is it?", "What does it cost?"]
    case .place: ["Where does it stand?", "Where can I find it?"]
    case .maker: ["Who made it?", "Whose work is it?"]
    }
  }

  /// The fact as a sentence about a thing, as in "the blue kettle" or "it".
  func sentence(about thing: String, _ value: String) -> String {
    switch self {
    case .price: "\(thing.capitalizedFirst) costs \(value)."
    case .place: "\(thing.capitalizedFirst) stands \(value)."
    case .maker: "\(thing.capitalizedFirst) was made by \(value)."
    }
  }

  /// The fact in as few words as will do.
  func tersely(_ value: String) -> String { "\(value.capitalizedFirst)." }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
