/// What programs that are run come to.
enum PassScores {
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
