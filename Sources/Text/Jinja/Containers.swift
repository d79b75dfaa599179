import JSON
import OrderedCollections

extension Jinja {
  /// The elements of a list or tuple, with the bounds that keep hostile templates from building bombs.
  struct Elements {
    let values: [Value]
    /// What a named tuple calls its elements.
    let names: [String]
    let depth: Int
    let weight: Int

    init(_ values: [Value], names: [String] = []) {
      self.values = values
      self.names = names
      depth = 1 + values.reduce(0) { max($0, $1.depth) }
      weight = values.reduce(16) { Limit.sum($0, $1.weight + 8) }
    }
  }

  /// A dictionary that keeps the order of its keys.
  final class Dictionary {
    let items: OrderedDictionary<Value, Value>
    let depth: Int
    let weight: Int

    init(_ items: OrderedDictionary<Value, Value>) {
      self.items = items
      depth = 1 + items.reduce(0) { max($0, $1.key.depth, $1.value.depth) }
      weight = items.reduce(16) { Limit.sum($0, $1.key.weight + $1.value.weight + 16) }
    }
  }

  /// Python's `range`.
  struct IntegerRange: Equatable {
    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    subscript(index: Int) -> Int { start &+ index &* step }

    var values: [Value] { (0..<count).map { .int(self[$0]) } }

    /// As Python prints it.
    var text: String { step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))" }
  }

  /// Values that are computed when they are first asked for, and that can be taken once.
  final class LazySequence {
    private var make: (() throws -> [Value])?
    private var rest: ArraySlice<Value> = []
    /// At least the depth of what it closes over.
    let depth: Int

    init(over source: Value, _ make: @escaping () throws -> [Value]) {
      self.make = make
      depth = source.depth + 1
    }

    private func start() throws {
      guard let make else { return }
      self.make = nil
      rest = try make()[...]
    }

    func next() throws -> Value? {
      try start()
      return rest.popFirst()
    }

    /// All that has not been taken yet.
    func drain() throws -> [Value] {
      try start()
      defer { rest = [] }
      return Array(rest)
    }
  }

  /// `namespace(…)`: the one thing whose attributes a template can set.
  final class Namespace {
    var attributes: TextKeyed<Value>
    init(_ attributes: TextKeyed<Value>) { self.attributes = attributes }
  }

  /// Variables of a block; those of the blocks around it show through.
  final class Scope {
    var variables: TextKeyed<Value> = [:]
    let parent: Scope?
    init(parent: Scope?) { self.parent = parent }

    func find(_ name: String) -> Value? {
      var scope: Scope? = self
      while let current = scope {
        if let value = current.variables[name] { return value }
        scope = current.parent
      }
      return nil
    }
  }

  /// A macro, a bound method or a built-in function.
  final class Function {
    let name: String
    let depth: Int
    let call: (Interpreter, CallArguments) throws -> Value

    init(_ name: String, receiver: Value = .none, call: @escaping (Interpreter, CallArguments) throws -> Value) {
      self.name = name
      depth = receiver.depth + 1
      self.call = call
    }
  }
}

extension Jinja.Limit {
  /// A sum that stays at the largest integer instead of overflowing.
  static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
