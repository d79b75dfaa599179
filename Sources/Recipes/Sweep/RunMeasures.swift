import Foundation
import JSON
import Reporting
import Training

/// What a finished run measured, read from its `metrics.jsonl`.
struct RunMeasures: Sendable {
  /// What came out in the end, by measure: of held-out data the last evaluation, of batches the mean over the last tenth of the
  /// steps, since a single batch says little.
  private(set) var results: TextKeyed<Double> = [:]
  /// The course of the measures that are drawn.
  private(set) var curves: TextKeyed<[CurvePoint]> = [:]
  /// Lines of the file that are no metrics.
  let foreignCount: Int

  /// The measures of the run in a folder.
  /// - Parameters:
  ///   - pointCount: the most points of a curve; more are averaged.
  ///   - isDrawn: whether a measure has a curve.
  init(
    folder: URL, pointCount: Int,
    isDrawn: (String) -> Bool = { name in SweepMeasure.shown.contains { $0.name == name } }
  ) {
    var values: TextKeyed<[CurvePoint]> = [:]
    let bytes = FileManager.default.contents(atPath: RunFolder.metrics(in: folder).path).map(Array.init) ?? []
    foreignCount =
      MetricsLines(bytes) { step, metrics in
        for (name, value) in metrics.object ?? [:] where !Self.isNoMeasure.contains(name) {
          guard let value = value.double, value.isFinite else { continue }
          values[name, default: []].append(CurvePoint(step: Double(step), value: value))
        }
      }.foreign.count
    for (name, points) in values {
      let tail = name.hasPrefix("eval_") ? 1 : max(1, points.count / 10)
      results[name] = points.suffix(tail).reduce(0) { $0 + $1.value } / Double(tail)
      if isDrawn(name) {
        curves[name] = CurvePoint.averaged(points, to: pointCount)
      }
    }
  }

  private static let isNoMeasure: Set = ["step", "epoch", "tokens_per_second", "peak_memory_bytes", "num_tokens"]
}

/// A point of a curve.
struct CurvePoint: Sendable, Equatable {
  let step: Double
  let value: Double

  /// At most so many points, each the mean of as many as the others.
  static func averaged(_ points: [CurvePoint], to count: Int) -> [CurvePoint] {
    let size = (points.count + count - 1) / max(1, count)
    guard size > 1 else { return points }
    return stride(from: 0, to: points.count, by: size).map { start in
      let part = points[start..<min(start + size, points.count)]
      return CurvePoint(
        step: part.reduce(0) { $0 + $1.step } / Double(part.count),
        value: part.reduce(0) { $0 + $1.value } / Double(part.count))
    }
  }
}
