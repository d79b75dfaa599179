import JSON

extension Jinja {
  /// The state of a `for` loop, which the template sees as `loop`.
  ///
  /// As in jinja2 the loop's `if` runs only as far ahead as the template looks: for each item right before its turn,
  /// unless `loop.last`, `nextitem` or `length` ask earlier.
  final class Loop {
    private var items: [Value]
    private var position = 0
    private var filter: ((Value) throws -> Bool)?
    private var ahead: Value?
    private var current: Value?
    private(set) var previous: Value?
    private(set) var index0 = -1
    private var lastChanged: [Value]?
    /// What calling `loop(…)` does in a recursive loop.
    var recurse: ((Interpreter, CallArguments) throws -> Value)?
    let depth: Int
    /// How many loops are around this one, counting calls of a recursive loop only.
    let level: Int

    init(_ items: [Value], level: Int = 0, filter: ((Value) throws -> Bool)?) {
      self.items = items
      self.filter = filter
      self.level = level
      depth = 1 + items.reduce(0) { max($0, $1.depth) }
    }

    /// Lets go of what could hold the loop itself.
    func finish() {
      filter = nil
      recurse = nil
      lastChanged = nil
    }

    /// The next item that passes the filter, for looking ahead.
    func peek() throws -> Value? {
      while ahead == nil, position < items.count {
        let item = items[position]
        position += 1
        if try filter?(item) ?? true { ahead = item }
      }
      return ahead
    }

    /// Moves on to the next item.
    func next() throws -> Value? {
      guard let item = try peek() else { return nil }
      ahead = nil
      index0 += 1
      previous = current
      current = item
      return item
    }

    /// The number of items that pass the filter.
    func length() throws -> Int {
      guard filter != nil else { return items.count }
      var rest: [Value] = []
      while let item = try peek() {
        rest.append(item)
        ahead = nil
      }
      // From here on the items that are left have passed.
      filter = nil
      items = Array(repeating: .none, count: index0 + 1) + rest
      position = index0 + 1
      return items.count
    }

    /// The attribute of `loop`; nil where there is no such one.
    func attribute(_ name: String) throws -> Value? {
      switch name {
      case "index": return .int(index0 + 1)
      case "index0": return .int(index0)
      case "first": return .bool(index0 == 0)
      case "last": return .bool(try peek() == nil)
      case "length": return .int(try length())
      case "revindex": return .int(try length() - index0)
      case "revindex0": return .int(try length() - index0 - 1)
      case "previtem": return previous ?? .undefined("there is no previous item")
      case "nextitem": return try peek() ?? .undefined("there is no next item")
      case "depth": return .int(level + 1)
      case "depth0": return .int(level)
      case "cycle": return .function(Function("cycle", receiver: .loop(self)) { try self.cycle($1) })
      case "changed": return .function(Function("changed", receiver: .loop(self)) { try self.changed($0, $1) })
      default: return nil
      }
    }

    private func cycle(_ arguments: CallArguments) throws -> Value {
      guard !arguments.positional.isEmpty else { throw Failure("no items for cycling given") }
      return arguments.positional[max(index0, 0) % arguments.positional.count]
    }

    private func changed(_ interpreter: Interpreter, _ arguments: CallArguments) throws -> Value {
      try interpreter.spend(arguments.positional.reduce(0) { Limit.sum($0, $1.weight) })
      defer { lastChanged = arguments.positional }
      return .bool(lastChanged != arguments.positional)
    }
  }
}
