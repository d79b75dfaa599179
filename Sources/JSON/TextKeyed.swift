import OrderedCollections

/// A dictionary that keeps the order of its keys, which are texts told apart by their bytes (`TextKey`).
public struct TextKeyed<Value> {
  // Inlinable, so that other modules get code for their own types of values and not for any.
  @usableFromInline var members: OrderedDictionary<TextKey, Value>

  @inlinable init(members: OrderedDictionary<TextKey, Value>) { self.members = members }

  /// An empty dictionary.
  @inlinable public init() { members = [:] }

  /// The dictionary of some pairs; of a key that occurs twice the last value stays.
  @inlinable public init(_ pairs: some Sequence<(String, Value)>) { self.init(pairs, uniquingKeysWith: { $1 }) }

  /// The dictionary of some pairs; `combine` gets the two values of a key that occurs twice.
  @inlinable public init(
    _ pairs: some Sequence<(String, Value)>, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows {
    members = try OrderedDictionary(pairs.lazy.map { (TextKey($0.0), $0.1) }, uniquingKeysWith: combine)
  }

  /// The value of a key; nil where there is none. Setting nil takes the key out.
  @inlinable public subscript(key: String) -> Value? {
    get { members[TextKey(key)] }
    set { members[TextKey(key)] = newValue }
  }

  /// The value of a key, `value` where there is none yet.
  @inlinable public subscript(key: String, default value: @autoclosure () -> Value) -> Value {
    get { members[TextKey(key), default: value()] }
    _modify { yield &members[TextKey(key), default: value()] }
  }

  /// The keys in their order.
  @inlinable public var keys: [String] { members.keys.map(\.text) }
  /// The values in the order of their keys.
  @inlinable public var values: [Value] { Array(members.values) }

  /// Sets the value of a key; the one that it had.
  @inlinable @discardableResult public mutating func updateValue(_ value: Value, forKey key: String) -> Value? {
    members.updateValue(value, forKey: TextKey(key))
  }

  /// Sets the value at a position.
  @inlinable public mutating func setValue(_ value: Value, at position: Int) { members.values[position] = value }

  /// Takes a key out; its value, where it was there.
  @inlinable @discardableResult public mutating func removeValue(forKey key: String) -> Value? {
    members.removeValue(forKey: TextKey(key))
  }

  /// The same keys with other values.
  @inlinable public func mapValues<Other>(_ transform: (Value) throws -> Other) rethrows -> TextKeyed<Other> {
    TextKeyed<Other>(members: try members.mapValues(transform))
  }

  /// The members for which a condition holds, in their order.
  @inlinable public func filter(_ isIncluded: ((key: String, value: Value)) throws -> Bool) rethrows -> Self {
    Self(members: try members.filter { try isIncluded(($0.key.text, $0.value)) })
  }

  /// Adds the members of another; `combine` gets the two values of a key that both have.
  @inlinable public mutating func merge(_ other: Self, uniquingKeysWith combine: (Value, Value) throws -> Value)
    rethrows
  {
    try members.merge(other.members.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: combine)
  }

  /// The members of both; `combine` gets the two values of a key that both have.
  @inlinable public func merging(_ other: Self, uniquingKeysWith combine: (Value, Value) throws -> Value) rethrows
    -> Self
  {
    var merged = self
    try merged.merge(other, uniquingKeysWith: combine)
    return merged
  }
}

extension TextKeyed: RandomAccessCollection {
  /// The first position.
  @inlinable public var startIndex: Int { 0 }
  /// Behind the last position.
  @inlinable public var endIndex: Int { members.count }
  /// The member at a position.
  @inlinable public subscript(position: Int) -> (key: String, value: Value) {
    let member = members.elements[position]
    return (member.key.text, member.value)
  }
}

extension TextKeyed: ExpressibleByDictionaryLiteral {
  /// A dictionary; of two equal keys the last wins.
  @inlinable public init(dictionaryLiteral elements: (String, Value)...) {
    self.init(elements, uniquingKeysWith: { $1 })
  }
}

extension TextKeyed: Sendable where Value: Sendable {}
extension TextKeyed: Equatable where Value: Equatable {}
extension TextKeyed: Hashable where Value: Hashable {}
