import JSON

extension Jinja {
  /// Runs the statements of a template once.
  final class Interpreter {
    /// Where a statement leaves its loop.
    enum Flow { case onward, leaveLoop, nextIteration }

    let clock: WallClock
    var scope: Scope
    /// The line of the statement that runs.
    var line = 1
    /// The text that the block being rendered has written.
    var output = ""
    /// The text that `captured` stands for.
    var captured = ""
    /// What the generation blocks rendered.
    var generations: [Generation] = []
    /// The bytes that the template itself had printed where the outermost capture began; nil outside of captures.
    private var printedBeforeCapture: Int?
    private var depth = 0
    private var work: Int
    /// Things that may hold each other in cycles, to be emptied at the end.
    private var namespaces: [Namespace] = []
    private var closures: [Scope] = []

    /// The clock is what `strftime_now` reads; `work` is how much the template may do.
    init(variables: TextKeyed<Value>, clock: WallClock, work: Int) {
      self.clock = clock
      self.work = work
      let globals = Scope(parent: nil)
      globals.variables = Globals.table
      scope = Scope(parent: globals)
      scope.variables = variables
    }

    /// Lets go of all variables, so that nothing keeps itself alive.
    func finish() {
      for namespace in namespaces { namespace.attributes = [:] }
      for closure in closures { closure.variables = [:] }
      scope.variables = [:]
    }

    /// The text that the statements write.
    func render(_ statements: [Statement]) throws -> String {
      _ = try run(statements)
      return output
    }

    // MARK: Bounds

    /// Takes from the work that is left.
    func spend(_ units: Int) throws {
      guard units <= work else { throw Failure("the template does more work than is allowed") }
      work -= units
    }

    /// Makes sure that a value stays within its bounds.
    func check(_ value: Value) throws -> Value {
      guard value.weight <= Limit.valueWeight else {
        throw Failure("a value is larger than \(Limit.valueWeight) bytes")
      }
      guard value.depth <= Limit.valueDepth else {
        throw Failure("a value is nested more than \(Limit.valueDepth) deep")
      }
      return value
    }

    /// Makes sure, before the memory is asked for, that a text or list of that many bytes may be built.
    func reserve(_ bytes: Int, times count: Int = 1) throws {
      let (size, overflow) = max(bytes, 0).multipliedReportingOverflow(by: max(count, 0))
      guard !overflow, size <= Limit.valueWeight else {
        throw Failure("a value would be larger than \(Limit.valueWeight) bytes")
      }
      try spend(size)
    }

    /// Runs `body` one level deeper.
    func nested<Result>(_ body: () throws -> Result) throws -> Result {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Limit.callDepth else { throw Failure("calls and expressions are nested too deep") }
      // Nobody waits for the text any more.
      if Task.isCancelled { throw Failure("the rendering was cancelled") }
      try spend(Limit.step)
      return try body()
    }

    func makeNamespace(_ attributes: TextKeyed<Value>) -> Value {
      let namespace = Namespace(attributes)
      namespaces.append(namespace)
      return .namespace(namespace)
    }

    /// Keeps a scope that a macro closes over until the rendering is over.
    func keep(_ scope: Scope) {
      if closures.last !== scope { closures.append(scope) }
    }

    // MARK: Blocks

    /// Runs `body` with variables of its own inside `parent`.
    func inScope<Result>(of parent: Scope? = nil, _ body: () throws -> Result) throws -> Result {
      let outer = scope
      scope = Scope(parent: parent ?? outer)
      defer { scope = outer }
      return try body()
    }

    /// What the body writes, as a text of its own.
    func capture(_ body: () throws -> Void) throws -> String {
      let outer = output
      let isOutermost = printedBeforeCapture == nil
      if isOutermost { printedBeforeCapture = outer.utf8.count }
      output = ""
      defer {
        output = outer
        if isOutermost { printedBeforeCapture = nil }
      }
      try body()
      return output
    }

    /// The bytes that the template itself has printed, leaving out texts that are still being captured.
    var printed: Int { printedBeforeCapture ?? output.utf8.count }

    func write(_ text: String) throws {
      try reserve(text.utf8.count)
      guard output.utf8.count + text.utf8.count <= Limit.valueWeight else {
        throw Failure("the rendered text is larger than \(Limit.valueWeight) bytes")
      }
      output += text
    }
  }
}
