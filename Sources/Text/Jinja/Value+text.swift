extension Jinja.Value {
  /// `str(value)`: what printing it writes.
  var text: String {
    switch self {
    case .undefined: return ""
    case .string(let text), .markup(let text): return text
    default:
      var output = ""
      write(to: &output)
      return output
    }
  }

  /// `repr(value)`: as it stands in a printed list.
  var quoted: String {
    var output = ""
    write(to: &output)
    return output
  }

  private func write(to output: inout String) {
    switch self {
    case .undefined: output += "Undefined"
    case .none: output += "None"
    case .bool(let value): output += value ? "True" : "False"
    case .int(let value): output += String(value)
    case .float(let value): output += Jinja.PythonNumber.text(value)
    case .string(let text): output += Jinja.PythonText.quoted(text)
    case .markup(let text): output += "Markup(" + Jinja.PythonText.quoted(text) + ")"
    case .list(let elements): write(elements, "[", "]", to: &output)
    case .tuple(let elements):
      write(elements, "(", elements.values.count == 1 ? ",)" : ")", to: &output)
    case .view(let name, let elements): write(elements, name + "([", "])", to: &output)
    case .dictionary(let dictionary):
      write(dictionary.items.map { ($0.key, $0.value) }, to: &output)
    case .range(let range): output += range.text
    case .loop(let loop): output += "<LoopContext \(loop.index0 + 1)/\((try? loop.length()) ?? 0)>"
    // Namespaces can hold themselves and each other: their text might have no end.
    case .namespace: output += "<Namespace>"
    case .iterator: output += "<generator object>"
    case .function(let function): output += "<function \(function.name)>"
    }
  }

  private func write(
    _ elements: Jinja.Elements, _ open: String, _ close: String, to output: inout String
  ) {
    output += open
    for (index, element) in elements.values.enumerated() {
      if index > 0 { output += ", " }
      element.write(to: &output)
    }
    output += close
  }

  private func write(_ items: [(Self, Self)], to output: inout String) {
    output += "{"
    for (index, item) in items.enumerated() {
      if index > 0 { output += ", " }
      item.0.write(to: &output)
      output += ": "
      item.1.write(to: &output)
    }
    output += "}"
  }
}
