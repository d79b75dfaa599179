import Foundation
import TestSupport
import Testing

/// `caravan generate`: answers and continuations.
@Suite struct GenerateTests {
  private let place: Workplace
  private let generate = ["generate", "--threads", "1", "--model"]

  init() throws { place = try Workplace() }

  @Test(.enabled(if: Checkout.hasStories, "no shared/real/stories260K beside the package"))
  func aModelThatWasTrainedTellsItsStory() throws {
    let outcome = try place.run(
      generate + [Checkout.stories.path, "--raw", "--bos", "always", "--max-tokens", "60", ""])
    #expect(
      outcome.succeeded().output.hasPrefix(
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a "
          + "big, red ball."), "\(outcome)")
  }

  @Test func theSameSeedGivesTheSameText() throws {
    func text(_ options: [String]) throws -> String {
      try place.run(generate + [Workplace.model, "--max-tokens", "12"] + options + ["Hello.", "Who?"]).succeeded()
        .output
    }
    let greedy = try text([])
    #expect(try text(["--seed", "7"]) == greedy)
    let drawn = try text(["--temperature", "2"])
    #expect(try text(["--temperature", "2"]) == drawn)
    #expect(try text(["--temperature", "2", "--seed", "7"]) != drawn)
  }

  @Test func eachPromptIsAnsweredByItself() throws {
    func text(_ prompts: String...) throws -> String {
      try place.run(generate + [Workplace.model, "--raw", "--max-tokens", "5"] + prompts).succeeded().output
    }
    #expect(try text("Hello.", "Who?") == text("Hello.") + text("Who?"))
    // Raw text is shown with its beginning.
    #expect(try text("Hello.").hasPrefix("Hello."))
    #expect(try text("--", "--help").hasPrefix("--help"))
  }

  @Test func aTextGoesOnBeyondASlidingWindow() throws {
    try place.copyModel()
    let config = try place.text("model/config.json").replacing("\"llama\"", with: "\"mistral\", \"sliding_window\": 8")
    try place.write("model/config.json", config)
    let answer = ["--raw", "--max-tokens", "60", "Hello."]
    let outcome = try place.run(generate + ["model"] + answer).succeeded()
    #expect(outcome.errors == "", "\(outcome)")
    // What lies outside the window is not seen.
    #expect(try outcome.output != place.run(generate + [Workplace.model] + answer).succeeded().output)
  }

  @Test func aResultThatCannotBeWrittenIsAnError() throws {
    let command = "'\(Command.executable.path)' generate --model '\(Workplace.model)' --max-tokens 3 Hello."
    #expect(shell("\(command) > /dev/full 2> '\(place.path("errors"))'") == 1)
    #expect(try place.text("errors") == "Error: standard output cannot be written: No space left on device\n")
  }
}
