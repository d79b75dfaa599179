import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import Testing
import Text

@testable import Training

/// Records become the very tokens, and the very scored tokens, that TRL trained on.
@Suite struct TokenParityTests {
  private static func builder() throws -> SequenceBuilder {
    let tokenizer = try Tokenizer(folder: TRLRun.fixtures.appending(path: "model"))
    let template = try ChatTemplate(source: try #require(tokenizer.chatTemplate), name: "model")
    return try SequenceBuilder(format: ChatFormat(tokenizer: tokenizer, template: template))
  }

  private static let limits = SequenceBuilder.Limits(maximumLength: 4096, vocabularySize: 288)

  private func expect(_ actual: [TrainingExample], _ expected: [TrainingExample]) {
    #expect(actual.count == expected.count)
    for (actual, expected) in zip(actual, expected) {
      #expect(actual.sequences == expected.sequences, "\(actual.location)")
    }
  }

  @Test func pairs() throws {
    let reader = try DatasetReader<PreferencePair>([TRLRun.fixtures.appending(path: "pairs.jsonl").path])
    let (examples, report) = try Self.builder().examples(reader.readAll(), limits: Self.limits)
    expect(examples, try TRLRun.pairs())
    #expect(report.read == 30 && report.kept == 30 && report.lines.isEmpty)
  }

  @Test func ratedAnswers() throws {
    let reader = try DatasetReader<RatedAnswers>([TRLRun.fixtures.appending(path: "pairs.jsonl").path])
    let (examples, _) = try Self.builder().examples(reader.readAll().ratings, limits: Self.limits)
    let expected = try TRLRun.ratings()
    #expect(examples.count == 60 && expected.count == 32)
    for (index, rating) in expected.enumerated() {
      let own = examples.first { $0.location.line == index % 30 + 1 && $0.columns[.label] == rating.columns[.label] }
      #expect(own?.sequences == rating.sequences, "row \(index + 1)")
    }
  }

  @Test func conversations() throws {
    let reader = try DatasetReader<Conversation>([TRLRun.fixtures.appending(path: "conversations.jsonl").path])
    let (examples, _) = try Self.builder().examples(reader.readAll(), limits: Self.limits)
    expect(examples, try TRLRun.conversations())
  }

  @Test func builtInTuluWritesTheSameTokens() throws {
    let tokenizer = try Tokenizer(folder: TRLRun.fixtures.appending(path: "model"))
    let builder = try SequenceBuilder(format: ChatFormat(tokenizer: tokenizer, template: .tulu))
    let reader = try DatasetReader<PreferencePair>([TRLRun.fixtures.appending(path: "pairs.jsonl").path])
    expect(try builder.examples(reader.readAll(), limits: Self.limits).examples, try TRLRun.pairs())
  }

  @Test func whatIsCutIsCounted() throws {
    let reader = try DatasetReader<PreferencePair>([TRLRun.fixtures.appending(path: "pairs.jsonl").path])
    let (pairs, whole) = (try reader.readAll(), try TRLRun.pairs())
    var limits = Self.limits
    limits.maximumLength = 40
    let (cut, report) = try Self.builder().examples(pairs, limits: limits)
    let long = whole.filter { $0.sequences.contains { $0.tokens.count > 40 } }
    let empty = report.leftOut.map(\.count).reduce(0, +)
    #expect(report.cut + empty == long.count && !long.isEmpty)
    #expect(report.kept + empty == 30 && cut.count == report.kept)
    #expect(report.leftOut.map(\.reason) == ["no token of an answer is left to score"])
    #expect(cut.allSatisfy { $0.sequences.allSatisfy { $0.tokens.count <= 40 && $0.scoredCount > 0 } })

    limits.dropsTruncated = true
    let (short, dropping) = try Self.builder().examples(pairs, limits: limits)
    #expect(dropping.leftOut.map(\.reason) == ["longer than 40 tokens"])
    #expect(dropping.leftOut.map(\.count) == [long.count] && short.count == 30 - long.count)
  }

  @Test func tokensThatTheModelLacksAreAnError() throws {
    let reader = try DatasetReader<PreferencePair>([TRLRun.fixtures.appending(path: "pairs.jsonl").path])
    var limits = Self.limits
    limits.vocabularySize = 100
    let error = #expect(throws: AlignmentError.self) { try Self.builder().examples(reader.readAll(), limits: limits) }
    #expect(error?.description.hasSuffix("use the tokenizer that belongs to the model") == true)
    #expect(error?.description.contains("pairs.jsonl:1: the tokenizer writes token") == true)
  }
}
