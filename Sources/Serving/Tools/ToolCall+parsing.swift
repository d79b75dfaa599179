import Foundation
import JSON

/// What models write for calls, without the marks around it.
extension ToolCall {
  /// A name and arguments, as JSON has them.
  typealias Written = (name: String, arguments: String)

  /// The calls in a text that holds one as an object: `{"name": …, "arguments": …}`, or `parameters` in Llama's words; or a
  /// list of them, as SmolLM2 writes even one.
  static func written(_ text: String) -> [Written]? {
    guard let json = try? JSON(parsing: text), let calls = all((json.array ?? [json]).map(written)), !calls.isEmpty
    else { return nil }
    return calls
  }

  /// The calls of a whole answer: an object, several with semicolons between them, a list, or `NAME[ARGS]{…}`.
  /// - Parameter names: the functions that there are; a call of another is none, since answers may be JSON too.
  static func written(_ text: String, among names: Set<String>) -> [Written]? {
    let calls = objects(text) ?? named(text)
    guard let calls, !calls.isEmpty, calls.allSatisfy({ names.contains($0.name) }) else { return nil }
    return calls
  }

  private static func written(_ json: JSON) -> Written? {
    guard let name = json["name"]?.string else { return nil }
    switch json["arguments"] ?? json["parameters"] {
    case nil, .null: return (name, "{}")
    case .string(let text): return (name, text)
    case .object(let members): return (name, JSON.object(members).text)
    default: return nil
    }
  }

  private static func objects(_ text: String) -> [Written]? {
    if let json = try? JSON(parsing: text) { return all((json.array ?? [json]).map(written)) }
    return all(text.split(separator: ";").map { (try? JSON(parsing: String($0))).flatMap(written) })
  }

  private static func named(_ text: String) -> [Written]? {
    all(
      text.components(separatedBy: "[TOOL_CALLS]").map { call in
        guard let mark = call.range(of: "[ARGS]"), (try? JSON(parsing: String(call[mark.upperBound...])))?.object != nil
        else { return nil }
        return (
          call[..<(call.range(of: "[CALL_ID]")?.lowerBound ?? mark.lowerBound)].trimmingCharacters(
            in: .whitespacesAndNewlines),
          call[mark.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
        )
      })
  }

  private static func all(_ calls: [Written?]) -> [Written]? {
    let found = calls.compactMap(\.self)
    return found.count == calls.count ? found : nil
  }
}
