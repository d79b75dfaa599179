import CKernels
import Parallel
import Synchronization

/// How weights become bfloat16, whose steps are larger than most of what an alignment moves them by.
public enum WeightRounding: String, CaseIterable, Sendable {
  /// Up or down by a threshold that depends on a weight's place in the model alone: on the average no movement is lost, and what is
  /// bfloat16 already stays itself. Training in bfloat16 multiplies with such weights.
  case dithered
  /// To the nearest number, as other programs do: what moved by less than half a step stays where it was.
  case nearest

  /// Makes numbers those of bfloat16 by the dither of their places.
  /// - Parameter place: that of the first number among all of the model's; see `Architecture.places`.
  public static func dither(_ floats: UnsafeMutableBufferPointer<Float>, from place: Int) {
    guard let numbers = floats.baseAddress else { return }
    nonisolated(unsafe) let target = numbers
    let (chunk, count) = (1 << 18, floats.count)
    onAllCores((count + chunk - 1) / chunk) { index in
      ck_dither_floats(target, Int64(place), Int64(index * chunk), Int64(min(count, (index + 1) * chunk)))
    }
  }
}

/// How much of what training moved a model's weights by is left when they become bfloat16.
public final class SurvivingMovement: Sendable {
  private let sums = Mutex(ck_movement())

  /// Nothing has moved yet.
  public init() {}

  /// Σ (r(w) − r(b)) · (w − b) / Σ (w − b)² over weights w, what they were before (b), and the rounding r: 1 where nothing is lost on the
  /// average, 0 where everything is. Nil where nothing has moved.
  public func share(_ rounding: WeightRounding) -> Double? {
    let sums = sums.withLock { $0 }
    guard sums.all > 0 else { return nil }
    return (rounding == .dithered ? sums.dithered : sums.nearest) / sums.all
  }

  func add(_ weights: UnsafeBufferPointer<Float>, before: UnsafeBufferPointer<Float>, place: Int) {
    guard let own = weights.baseAddress, let other = before.baseAddress else { return }
    precondition(weights.count == before.count)
    // Only read, and as long as this call lasts.
    nonisolated(unsafe) let (w, b) = (own, other)
    let (chunk, count) = (1 << 18, weights.count)
    onAllCores((count + chunk - 1) / chunk) { index in
      let part = ck_measure_movement(w, b, Int64(place), Int64(index * chunk), Int64(min(count, (index + 1) * chunk)))
      sums.withLock {
        $0.all += part.all
        $0.dithered += part.dithered
        $0.nearest += part.nearest
      }
    }
  }
}

extension OutputTensor {
  /// The tensor with its numbers rounded to bfloat16, and measured against what they were before training.
  /// - Parameters:
  ///   - place: that of the first number among all of the model's; see `Architecture.places`.
  ///   - before: the same tensor before training, where it is known.
  public func rounded(
    _ rounding: WeightRounding, from place: Int, before: StoredTensor? = nil,
    measuring movement: SurvivingMovement? = nil
  ) -> OutputTensor {
    OutputTensor(name: name, elementType: elementType, shape: shape) { body in
      let before = try before?.floats()
      var offset = 0
      try withFloats { floats in
        let end = offset + floats.count
        if let before, let movement, end <= before.count {
          before.withUnsafeBufferPointer {
            movement.add(floats, before: UnsafeBufferPointer(rebasing: $0[offset..<end]), place: place + offset)
          }
        }
        // To the nearest they are rounded where they are written.
        if rounding == .dithered { try Self.dithered(floats, from: place + offset, body) } else { try body(floats) }
        offset = end
      }
    }
  }

  private static func dithered(
    _ floats: UnsafeBufferPointer<Float>, from place: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(floats.count, 1 << 22))
    defer { part.deallocate() }
    for start in stride(from: 0, to: floats.count, by: 1 << 22) {
      let source = floats[start..<min(start + 1 << 22, floats.count)]
      let piece = UnsafeMutableBufferPointer(rebasing: part[..<source.count])
      _ = piece.initialize(fromContentsOf: source)
      WeightRounding.dither(piece, from: place + start)
      try body(UnsafeBufferPointer(piece))
    }
  }
}
