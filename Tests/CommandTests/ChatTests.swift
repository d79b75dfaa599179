import Foundation
import JSON
import Testing

/// `caravan chat`, its lines from a pipe.
@Suite struct ChatTests {
  private let place: Workplace
  private let input = Pipe()

  init() throws { place = try Workplace() }

  private func chat(_ options: [String] = []) throws -> Command {
    try Command(
      ["chat", "--threads", "1", "--model", Workplace.model, "--max-tokens", "8"] + options, in: place, input: input)
  }

  private func say(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

  private func leave() throws { try input.fileHandleForWriting.close() }

  /// The conversations of a file that /save wrote, as lists of role and content.
  private func saved(_ file: String) throws -> [[[String]]] {
    try place.text(file).split(separator: "\n").map { line in
      try #require(JSON(parsing: String(line))["messages"]?.array).map {
        [try #require($0["role"]?.string), try #require($0["content"]?.string)]
      }
    }
  }

  @Test func aConversationIsRememberedAndSaved() throws {
    let chat = try chat(["--system", "Be brief."])
    try say(
      """
      Hello.
      two \\
      lines
      \"""
      three
      /lines

      more
      \"""
      /save chats.jsonl
      /system Be long.
      Who?
      /save chats.jsonl
      /reset
      /save chats.jsonl

      """)
    try leave()
    let outcome = try chat.outcome().succeeded()
    let chats = try saved("chats.jsonl")
    #expect(chats.count == 2)
    #expect(chats[0].map { $0[0] } == ["system"] + Array(repeating: ["user", "assistant"], count: 3).joined())
    #expect(chats[0][0][1] == "Be brief.")
    #expect([chats[0][1][1], chats[0][3][1], chats[0][5][1]] == ["Hello.", "two \nlines", "three\n/lines\n\nmore"])
    #expect(chats[1].map { $0[0] } == ["system", "user", "assistant"] && chats[1][0][1] == "Be long.")
    // What was said is what is saved.
    let answers = (chats[0] + chats[1]).filter { $0[0] == "assistant" }.map { $0[1] + "\n" }
    #expect(outcome.output == answers.joined())
    #expect(outcome.errors.contains("[a new conversation]\n[there is no answer yet]\n"))
  }

  @Test func retryAnswersAgainAndDifferently() throws {
    let chat = try chat(["--temperature", "3"])
    try say("/retry\nHello.\n/retry\n/save chats.jsonl\n/nonsense\n")
    try leave()
    let outcome = try chat.outcome().succeeded()
    let saved = try saved("chats.jsonl")
    #expect(saved.count == 1 && saved[0].count == 2)
    #expect(outcome.output.hasSuffix(saved[0][1][1] + "\n"))
    #expect(outcome.output.dropLast(saved[0][1][1].count + 1) != saved[0][1][1] + "\n")
    #expect(outcome.errors.contains("There is no command /nonsense"))
  }

  @Test func ctrlCStopsTheAnswerAndNotTheProgram() throws {
    let chat = try chat(["--max-tokens", "480", "--temperature", "1"])
    // The tiny model seldom ends an answer by itself; where it does, the next one is stopped.
    var asked = 0
    try chat.until {
      if try chat.output.count(where: \.isNewline) >= asked {
        try say("Hello.\n")
        asked += 1
      }
      // Before its first words it may not listen yet.
      if try !chat.output.isEmpty { chat.send(SIGINT) }
      return try chat.errors.contains("[stopped]")
    }
    try say("/reset\n")
    try chat.until { try chat.errors.contains("[a new conversation]") }
    try leave()
    try chat.outcome().succeeded()
  }

  @Test func aConversationThatOutgrowsTheModelCanGoOn() throws {
    let chat = try chat()
    try say(String(repeating: "long ", count: 600) + "\n/reset\nHello.\n/save chats.jsonl\n")
    try leave()
    let outcome = try chat.outcome().succeeded()
    #expect(outcome.errors.contains("/reset begins a new conversation"))
    #expect(try saved("chats.jsonl").map(\.count) == [2])
  }

  @Test func exitLeaves() throws {
    let chat = try chat()
    try say("/exit\nnever read\n")
    let outcome = try chat.outcome().succeeded()
    #expect(outcome.output.isEmpty)
    try leave()
  }

  @Test func aTerminalsLinesAreEditedAndAPasteIsOneMessage() throws {
    let terminal = try Terminal()
    let chat = try Command(
      ["chat", "--threads", "1", "--model", Workplace.model, "--max-tokens", "2"], in: place, terminal: terminal.device)
    let long = String(repeating: "x", count: 6000)
    // Two steps to the left, a paste of three lines, a line longer than a terminal's own, and the one before it again.
    try terminal.type("Helo!\u{1B}[D\u{1B}[Dl\r")
    try terminal.type("\u{1B}[200~one\n/two\nthree\u{1B}[201~\r/save chats.jsonl\r")
    try terminal.type("/reset\r\(long)\r/reset\r\u{1B}[A\u{1B}[A\r")
    // None of it is lost: it is too long for the model both times.
    try chat.until { try chat.errors.components(separatedBy: "the prompt of 6010 tokens leaves no room").count == 3 }
    try terminal.type("\u{4}")
    try chat.outcome().succeeded()
    let said = try saved("chats.jsonl").map { chat in chat.filter { $0[0] == "user" }.map { $0[1] } }
    #expect(said == [["Hello!", "one\n/two\nthree"]])
  }

  private func chat(at terminal: Terminal) throws -> Command {
    try Command(
      ["chat", "--threads", "1", "--model", Workplace.model, "--max-tokens", "2"], in: place, terminal: terminal.device)
  }

  @Test func ctrlCDropsWhatIsTypedAndTwiceLeaves() throws {
    let terminal = try Terminal()
    let chat = try chat(at: terminal)
    try terminal.type("/help\r")
    try chat.until { try chat.errors.contains("/exit") }
    // A line, and a message that has begun.
    try terminal.type("half a line")
    try chat.until { try chat.errors.contains("half a line") }
    chat.send(SIGINT)
    try chat.until { try chat.errors.contains("^C") }
    try terminal.type("\"\"\"begun\rmore")
    try chat.until { try chat.errors.contains("more") }
    chat.send(SIGINT)
    try chat.until { try chat.errors.components(separatedBy: "^C").count == 3 }
    try terminal.type("Hello.\r/save chats.jsonl\r")
    try chat.until { try chat.errors.contains("[added to") }
    for count in 1...2 {
      chat.send(SIGINT)
      try chat.until { try chat.errors.components(separatedBy: "^C").count == 3 + count }
    }
    let outcome = try chat.outcome().succeeded()
    #expect(outcome.errors.components(separatedBy: "(Ctrl-C again, or Ctrl-D, leaves)").count == 2)
    #expect(try saved("chats.jsonl").map { $0[0] } == [["user", "Hello."]])
  }

  @Test func laterChatsKnowWhatWasTyped() throws {
    for (keys, marker) in [
      ("\u{1B}[200~one\ntwo\u{1B}[201~\r\(String(repeating: "x", count: 70_000))\r/reset\r", "[a new conversation]"),
      ("\u{1B}[A\u{1B}[A\r/save chats.jsonl\r", "[added to"),
    ] {
      let terminal = try Terminal()
      let chat = try chat(at: terminal)
      try terminal.type(keys)
      try chat.until { try chat.errors.contains(marker) }
      try terminal.type("\u{4}")
      try chat.outcome().succeeded()
    }
    #expect(try saved("chats.jsonl").map { $0[0] } == [["user", "one\ntwo"]])
    let file = place.url("state/caravan/chat_history").path
    let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(permissions == 0o600)
  }

  @Test func aHistoryThatCannotBeKeptIsNoHindrance() throws {
    try Data().write(to: place.url("state"))
    let terminal = try Terminal()
    let chat = try chat(at: terminal)
    try terminal.type("/exit\r")
    let outcome = try chat.outcome().succeeded()
    #expect(outcome.errors.contains("What is typed is not kept for later chats"))
  }

  @Test func aHistoryIsBounded() throws {
    try FileManager.default.createDirectory(at: place.url("state/caravan"), withIntermediateDirectories: true)
    let file = place.url("state/caravan/chat_history")
    try Data((1...3000).map { "#\($0)\ninput \($0)\n" }.joined().utf8).write(to: file)
    let terminal = try Terminal()
    let chat = try chat(at: terminal)
    try terminal.type("/exit\r")
    try chat.outcome().succeeded()
    let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(kept.count <= 1001 && kept.last == "/exit" && kept.dropLast().last == "input 3000")
  }
}
