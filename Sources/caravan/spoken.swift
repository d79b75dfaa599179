import Wording

/// What the command line says of an error: settings are its options.
func spoken(_ error: any Error) -> String {
  (error as? any Worded)?.wording.text { "--" + $0 } ?? "\(error)"
}

/// An error as the command line says it.
struct SpokenError: Error, CustomStringConvertible {
  let description: String
}
