import CKernels

/// Runs `body` over the whole of 0..<count, divided among libtorch's own threads in ranges of at least `grain`.
///
/// These threads also run its matrix products, so nothing competes for the cores.
public func parallel(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) throws {
  guard count > 0 else { return }
  guard count > grain else { return body(0..<count) }
  let torch = try Libtorch.loaded()
  let code = withoutActuallyEscaping(body) { body in
    var boxed = body
    return withUnsafeMutablePointer(to: &boxed) { context in
      torch.parallelFor(
        0, Int64(count), Int64(grain),
        { begin, end, context in
          context!.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(Int(begin)..<Int(end))
        }, context)
    }
  }
  try torch.check(code, "a parallel loop")
}

/// Runs `body` for each of 0..<count on libtorch's own threads, which take one unit after another: none waits long for one that
/// has more to do, or that the system interrupted.
/// - Parameter body: is told the unit, and the thread's number among those that share the work.
package func parallelUnits(_ count: Int, _ body: (_ unit: Int, _ thread: Int) -> Void) throws {
  var next: (thread: Int64, unit: Int64) = (0, 0)
  try withUnsafeMutablePointer(to: &next) { next in
    try parallel(count) { _ in
      let thread = Int(ck_take(&next.pointee.thread))
      while case let unit = Int(ck_take(&next.pointee.unit)), unit < count { body(unit, thread) }
    }
  }
}

/// How many threads `parallel` divides its work among.
func threadCount() throws -> Int {
  let torch = try Libtorch.loaded()
  var count: UInt32 = 1
  try torch.check(torch.threadCount(&count), "counting threads")
  return Int(count)
}
