import Wording

extension Wording {
  /// The sentence as the command line says it: settings are its options.
  var onCommandLine: String { text { "--" + $0 } }
}

/// What the command line says of an error.
func spoken(_ error: any Error) -> String { (error as? any Worded)?.wording.onCommandLine ?? "\(error)" }

/// An error as the command line says it.
struct SpokenError: Error, CustomStringConvertible {
  let description: String
}
