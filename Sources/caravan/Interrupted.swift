/// A signal asked to stop; the process ends with the code that belongs to it.
struct Interrupted: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "stopped" }
}
