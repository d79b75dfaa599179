/// What programs that are run come to.
enum PassScores {
  /// Whether twenty programs are drawn for each problem, as Tülu's authors do.
  static func isSampled(_ style: EvaluationStyle) -> Bool { style == .tulu25 }

  /// The share that passes at the first try; for twenty tries also the estimate for ten.
  static func metrics(_ style: EvaluationStyle) -> [Metric] {
    (isSampled(style) ? ["pass@10", "pass@1"] : ["pass@1"]).map { Metric($0) }
  }

  /// How values differ from those of reports.
  static func remark(on task: String, _ style: EvaluationStyle) -> String? {
    isSampled(style)
      ? "\(task): both values are of programs at temperature 0.8; Tülu's pass@1 is of such at 0.1" : nil
  }

  /// The estimates of `pass@k` for metrics of that name.
  /// - Throws: `EvaluationError` without a runner.
  static func scores(
    _ programs: [String], seconds: Double, _ metrics: [Metric], _ runner: ProgramRunner?, of task: String
  ) throws -> ItemScores {
    guard let runner else { throw EvaluationError("\(task): its programs are run, for which nothing was set up") }
    let passed = runner.run(programs, seconds: seconds).count { $0 == .passed }
    return ItemScores(
      metrics.compactMap { metric in
        let k = Int(metric.name.dropFirst("pass@".utf8.count)) ?? 1
        return k <= programs.count ? (metric.key, [PassAtK.estimate(k, passed: passed, of: programs.count)]) : nil
      })
  }
}
