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

/// How many threads `parallel` divides its work among.
func threadCount() throws -> Int {
  let torch = try Libtorch.loaded()
  var count: UInt32 = 1
  try torch.check(torch.threadCount(&count), "counting threads")
  return Int(count)
}
