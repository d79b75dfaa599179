import JSON

/// What a response consists of, and the events by which it comes: a message, then the calls.
struct ResponsesItems {
  /// The answer so far.
  private(set) var answer = GeneratedPiece()
  private let messageID = "msg_" + .randomID()
  private var hasMessage = false

  /// The items so far.
  var all: [JSON] {
    (hasMessage ? [message(status: answer.finish == nil ? "in_progress" : "completed")] : [])
      + answer.calls.map { call($0, status: "completed") }
  }

  /// Takes a piece; returns the events that tell of it.
  mutating func events(_ piece: GeneratedPiece) -> [JSON] {
    answer.append(piece)
    var events: [JSON] = []
    // An answer without a word and without a call is a message all the same.
    if !hasMessage, !piece.text.isEmpty || piece.finish != nil && answer.calls.isEmpty {
      hasMessage = true
      let item: JSON = [
        "id": .string(messageID), "type": "message", "role": "assistant", "status": "in_progress", "content": [],
      ]
      events.append(["type": "response.output_item.added", "output_index": 0, "item": item])
      events.append(event("response.content_part.added", ["part": part("")]))
    }
    if !piece.text.isEmpty {
      events.append(event("response.output_text.delta", ["delta": .string(piece.text), "logprobs": []]))
    }
    guard piece.finish != nil else { return events }
    if hasMessage {
      events.append(event("response.output_text.done", ["text": .string(answer.text), "logprobs": []]))
      events.append(event("response.content_part.done", ["part": part(answer.text)]))
      events.append(
        ["type": "response.output_item.done", "output_index": 0, "item": message(status: "completed")])
    }
    for (index, call) in answer.calls.enumerated() {
      events += self.events(call, at: index + (hasMessage ? 1 : 0))
    }
    return events
  }

  private func events(_ call: ToolCall, at index: Int) -> [JSON] {
    let place: JSON = .integer(index)
    let id: JSON = .string("fc_" + call.id)
    return [
      [
        "type": "response.output_item.added", "output_index": place,
        "item": self.call(call, arguments: "", status: "in_progress"),
      ],
      [
        "type": "response.function_call_arguments.delta", "item_id": id, "output_index": place,
        "delta": .string(call.arguments),
      ],
      [
        "type": "response.function_call_arguments.done", "item_id": id, "output_index": place,
        "name": .string(call.name), "arguments": .string(call.arguments),
      ],
      ["type": "response.output_item.done", "output_index": place, "item": self.call(call, status: "completed")],
    ]
  }

  private func event(_ type: JSON, _ more: JSON) -> JSON {
    let common: JSON = ["type": type, "item_id": .string(messageID), "output_index": 0, "content_index": 0]
    return .object((common.object ?? [:]).merging(more.object ?? [:]) { $1 })
  }

  private func part(_ text: String) -> JSON {
    ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
  }

  private func message(status: JSON) -> JSON {
    [
      "id": .string(messageID), "type": "message", "role": "assistant", "status": status,
      "content": [part(answer.text)],
    ]
  }

  private func call(_ call: ToolCall, arguments: String? = nil, status: JSON) -> JSON {
    [
      "id": .string("fc_" + call.id), "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
      "arguments": .string(arguments ?? call.arguments), "status": status,
    ]
  }
}
