import Foundation

extension ContinuousBatch.Limits {
  /// Limits for some sequences at once whose caches take at most a quarter of the machine's memory.
  public static func fitting(_ model: InferenceModel, sequences: Int = 16) -> Self {
    let affordable = Int(ProcessInfo.processInfo.physicalMemory / 4) / model.cacheBytesPerToken
    let (wanted, overflows) = model.contextLength.multipliedReportingOverflow(by: sequences)
    return Self(sequences: sequences, cachedTokens: min(affordable, overflows ? .max : wanted))
  }
}
