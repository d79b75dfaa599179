import JSON
import OrderedCollections

extension Jinja {
  /// A value of a template, as Python has them. Containers never change once made; only namespaces do.
  enum Value {
    /// A variable or attribute that is not there, with what using it says.
    case undefined(String)
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    /// A string that `safe` or `escape` gave: plain strings that are joined to it are escaped, as markupsafe does.
    case markup(String)
    case list(Elements)
    case tuple(Elements)
    case dictionary(Dictionary)
    /// `range(…)`, which prints as that and not as a list.
    case range(IntegerRange)
    /// What a dictionary's `keys`, `values` and `items` give.
    case view(name: String, Elements)
    /// What lazy filters like `map` give: it can be run through once, and has no length.
    case iterator(LazySequence)
    case namespace(Namespace)
    case loop(Loop)
    case function(Function)

    static func list(_ values: [Value]) -> Value { .list(Elements(values)) }
    static func tuple(_ values: [Value]) -> Value { .tuple(Elements(values)) }

    /// A JSON value as Python's `json` would read it.
    init(_ json: JSON) {
      switch json {
      case .null: self = .none
      case .bool(let value): self = .bool(value)
      case .integer(let value): self = .int(value)
      case .number(let value): self = .float(value)
      case .string(let value): self = .string(value)
      case .array(let elements): self = .list(elements.map(Value.init))
      case .object(let members):
        self = .dictionary(
          Dictionary(
            OrderedDictionary(members.map { (.string($0.key), Value($0.value)) }, uniquingKeysWith: { $1 })))
      }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isNone: Bool { if case .none = self { true } else { false } }

    /// An integer, also from a boolean, as Python's `bool` is an `int`.
    var integer: Int? {
      switch self {
      case .int(let value): value
      case .bool(let value): value ? 1 : 0
      default: nil
      }
    }

    /// The text of a string of either kind.
    var string: String? {
      switch self {
      case .string(let text), .markup(let text): text
      default: nil
      }
    }

    /// Any number.
    var number: Double? { if case .float(let value) = self { value } else { integer.map(Double.init) } }

    /// Python's truth.
    var isTrue: Bool {
      switch self {
      case .undefined, .none: false
      case .bool(let value): value
      case .int(let value): value != 0
      case .float(let value): value != 0
      case .string(let value), .markup(let value): !value.isEmpty
      case .list(let elements), .tuple(let elements), .view(_, let elements): !elements.values.isEmpty
      case .dictionary(let dictionary): !dictionary.items.isEmpty
      case .range(let range): range.count > 0
      case .loop(let loop): loop.index0 >= 0
      case .iterator, .namespace, .function: true
      }
    }

    /// How deep containers lie in each other.
    var depth: Int {
      switch self {
      case .list(let elements), .tuple(let elements), .view(_, let elements): elements.depth
      case .dictionary(let dictionary): dictionary.depth
      case .iterator(let iterator): iterator.depth
      case .loop(let loop): loop.depth
      case .function(let function): function.depth
      default: 0
      }
    }

    /// The size in bytes of everything that printing the value would read, shared parts counted each time.
    var weight: Int {
      switch self {
      case .string(let text), .markup(let text): text.utf8.count + 8
      case .list(let elements), .tuple(let elements), .view(_, let elements): elements.weight
      case .dictionary(let dictionary): dictionary.weight
      case .range: 64
      default: 8
      }
    }

    /// The name of the Python type, for messages.
    var typeName: String {
      switch self {
      case .undefined: "Undefined"
      case .none: "NoneType"
      case .bool: "bool"
      case .int: "int"
      case .float: "float"
      case .string: "str"
      case .markup: "Markup"
      case .list: "list"
      case .tuple: "tuple"
      case .dictionary: "dict"
      case .range: "range"
      case .view(let name, _): name
      case .iterator: "generator"
      case .namespace: "Namespace"
      case .loop: "LoopContext"
      case .function: "function"
      }
    }
  }
}
