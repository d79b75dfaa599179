import Foundation
import Testing

/// Commands that are given what they do not take: exit status 64 and one clear line, before anything is read.
@Suite struct WrongUsageTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  @Test(
    arguments: [
      ("dpoo", "There is no command 'dpoo'. Did you mean 'dpo'?"),
      ("frobnicate", "Unexpected argument 'frobnicate'"),
      ("data previw", "Unexpected argument 'previw'"),
      ("dpo --data y --output z", "Missing expected argument '--model <folder>'"),
      ("dpo --model x --data y", "Missing expected argument '--output <folder>'"),
      ("dpo --model x --output z", "--data is missing: name the files to train on"),
      ("generate --model x --answers 0 hi", "--answers must be from 1 to 10000, not 0"),
      ("generate --model x --max-tokens 0 hi", "--max-tokens must be from 1 to 1000000, not 0"),
      (
        "generate --model x --max-tokens 9223372036854775807 hi",
        "--max-tokens must be from 1 to 1000000, not 9223372036854775807"
      ),
      ("generate --model x --temperature=-1 hi", "--temperature must be at least 0, not -1.0"),
      ("generate --model x --temperature nan hi", "--temperature must be at least 0, not nan"),
      ("data preview --model x --data y --count 0", "--count must be at least 1, not 0"),
      (
        "kto --model x --data y --output z --batch-size 1",
        "--batch-size must be at least 2 for --loss kto, whose z is of a batch"
      ),
      (
        "sft --model x --data y --output z --shard all --eval-task gsm8k",
        "--shard all does not go with --eval-task, for which each rank needs all weights; use --shard optimizer"
      ),
      (
        "grpo --model x --data y --output z --shard all --reward gsm8k",
        "--shard all does not go with learning from the model's own answers, for which each rank needs all weights; "
          + "use --shard optimizer"
      ),
      ("quickstart --output .", ". exists already; remove it, or name another folder with --output"),
    ]) func commands(line: String, message: String) throws
  {
    try place.run(line.split(separator: " ").map(String.init)).failed(64, message)
  }

  @Test(
    arguments: [
      ("--learning-rat 3", "Unknown option '--learning-rat'. Did you mean '--learning-rate'?"),
      ("--lss ipo", "Unknown option '--lss'. Did you mean '--loss'?"),
      ("extra --seed 1 extra", "2 unexpected arguments: 'extra', 'extra'"),
      ("--beta 0", "--beta must be greater than 0, not 0.0"),
      ("--beta inf", "--beta must be greater than 0, not inf"),
      ("--beta abc", "The value 'abc' is invalid for '--beta <beta>'"),
      ("--loss hinge --label-smoothing 0.1", "--label-smoothing has no meaning for --loss hinge; leave it out"),
      ("--label-smoothing 0.5", "--label-smoothing must be at least 0 and less than 0.5, not 0.5"),
      ("--loss simpo --simpo-gamma=-1", "--simpo-gamma must be at least 0, not -1.0"),
      ("--loss simpo --reference r", "--reference has no meaning for --loss simpo; leave it out"),
      ("--loss sft,simpo --reference r", "--reference has no meaning for --loss sft,simpo; leave it out"),
      ("--reference-free --reference r", "give --reference or --reference-free, not both"),
      ("--loss cpo --reference-free", "--reference-free has no meaning for --loss cpo; leave it out"),
      ("--loss hinge --simpo-gamma 1", "--simpo-gamma has no meaning for --loss hinge; leave it out"),
      ("--loss simpo --alphapo-alpha 1", "--alphapo-alpha has no meaning for --loss simpo; leave it out"),
      ("--loss alphapo --alphapo-alpha inf", "--alphapo-alpha must be a number, not inf"),
      ("--loss cpo --simpo-gamma-ratio 1", "--simpo-gamma-ratio has no meaning for --loss cpo; leave it out"),
      (
        "--loss simpo --simpo-gamma 1 --simpo-gamma-ratio 1",
        "give --simpo-gamma or --simpo-gamma-ratio, not both"
      ),
      ("--loss sft --beta 1", "--beta has no meaning for --loss sft; leave it out"),
      ("--loss dpo_norm --ipo-sums", "--ipo-sums has no meaning for --loss dpo-norm; leave it out"),
      ("--loss simpo --cpo-alpha 2", "--cpo-alpha has no meaning for --loss simpo; leave it out"),
      ("--orpo-prompt-loss", "--orpo-prompt-loss has no meaning for --loss sigmoid; leave it out"),
      (
        "--loss orpo,sft --orpo-prompt-loss",
        "--orpo-prompt-loss cannot be beside --loss sft, whose likelihood is the answer's alone"
      ),
      (
        "--loss exo_pair", "--loss exo-pair needs --label-smoothing greater than 0; its paper takes 0.001"
      ),
      ("--loss sigmoid,sigmoid", "--loss has sigmoid twice; name it once, with its weight"),
      (
        "--loss sigmoid,sft --loss-weights 1",
        "--loss-weights has 1 of them for 2 of --loss; give each its own"
      ),
      ("--data-weights 1,2", "--data-weights has 2 of them for 1 of --data; give each its own"),
      ("--data-weights 0", "--data-weights must be greater than 0 and at most 100, not 0.0"),
      ("--data-weights nan", "--data-weights must be greater than 0 and at most 100, not nan"),
      ("--data-weights 1000", "--data-weights must be greater than 0 and at most 100, not 1000.0"),
      ("--data-weights 1,,2", "The value '1,,2' is invalid for '--data-weights <numbers>'"),
      ("--loss-weights 0", "--loss-weights must be greater than 0, not 0.0"),
      ("--loss-weights 1,,2", "The value '1,,2' is invalid for '--loss-weights <numbers>'"),
      (
        "--loss nca_pair --f-divergence forward_kl",
        "--f-divergence has no meaning for --loss nca-pair, which is not made of a margin alone; leave it out"
      ),
      ("--f-alpha 0.1", "--f-alpha has a meaning for --f-divergence alpha-divergence only; leave it out"),
      ("--loss orpo --ld-alpha 0.5", "--ld-alpha has no meaning for --loss orpo; leave it out"),
      (
        "--loss aot --wpo", "--wpo has no meaning for --loss aot, which is not made of single pairs; leave it out"
      ),
      ("--loss simpo --reference-sync-steps 2", "--reference-sync-steps has no meaning for --loss simpo; leave it out"),
      (
        "--reference-free --reference-sync-steps 2", "give --reference-sync-steps or --reference-free, not both"
      ),
      (
        "--reference-sync-alpha 0.5",
        "--reference-sync-alpha has no meaning without --reference-sync-steps; leave it out"
      ),
      ("--reference-sync-steps 0", "--reference-sync-steps must be at least 1, not 0"),
      ("--epochs 0", "--epochs must be greater than 0 and at most 1000000, not 0.0"),
      ("--epochs nan", "--epochs must be greater than 0 and at most 1000000, not nan"),
      ("--batch-size 0", "--batch-size must be from 1 to 1000000, not 0"),
      ("--batch-size 9223372036854775807", "--batch-size must be from 1 to 1000000, not 9223372036854775807"),
      (
        "--batch-size 99999999999999999999",
        "The value '99999999999999999999' is invalid for '--batch-size <batch-size>'"
      ),
      ("--learning-rate 0", "--learning-rate must be greater than 0, not 0.0"),
      ("--warmup-ratio 1.5", "--warmup-ratio must be from 0 to 1, not 1.5"),
      ("--adam-beta1 1", "--adam-beta1 must be at least 0 and less than 1, not 1.0"),
      ("--adam-epsilon 0", "--adam-epsilon must be greater than 0, not 0.0"),
      ("--weight-decay=-1", "--weight-decay must be at least 0, not -1.0"),
      ("--max-grad-norm=-1", "--max-grad-norm must be at least 0, not -1.0"),
      ("--max-steps 0", "--max-steps must be at least 1, not 0"),
      ("--max-length 1", "--max-length must be at least 2, not 1"),
      ("--micro-tokens 0", "--micro-tokens must be from 1 to 1000000000, not 0"),
      (
        "--micro-tokens 9223372036854775807",
        "--micro-tokens must be from 1 to 1000000000, not 9223372036854775807"
      ),
      ("--save-every 0", "--save-every must be at least 1, not 0"),
      ("--keep 9223372036854775807", "--keep must be from 1 to 10000, not 9223372036854775807"),
      ("--threads 0", "--threads must be from 1 to 1024, not 0"),
      ("--eval-fraction 1", "--eval-fraction must be at least 0 and less than 1, not 1.0"),
      ("--eval-fraction 0.5 --eval-data y", "give --eval-data or --eval-fraction, not both"),
      ("--config", "Missing value for '--config <file>'"),
      ("--config nothing.yaml", "nothing.yaml: cannot read: No such file or directory"),
      ("--config a.yaml --config=a.yaml", "--config is given more than once"),
    ]) func options(line: String, message: String) throws
  {
    let arguments = ["dpo", "--model", "x", "--data", "y", "--output", "z"]
    try place.run(arguments + line.split(separator: " ").map(String.init)).failed(64, message)
  }

  @Test func aLossThatIsNoneIsAnsweredWithThoseThatAre() throws {
    let outcome = try place.run(["dpo", "--model", "x", "--data", "y", "--output", "z", "--loss", "kto"])
    #expect(outcome.status == 64)
    #expect(outcome.error == "The value 'kto' is invalid for '--loss <loss>'. Please provide one of the following:")
    #expect(outcome.errors.contains("  - dpo-norm\n"))
    let list = try place.run(["dpo", "--model", "x", "--data", "y", "--output", "z", "--loss", "sigmoid,kto"])
    #expect(
      list.error == "The value 'sigmoid,kto' is invalid for '--loss <loss>'. Please provide one of the following:")
  }

  @Test(
    arguments: [
      ("learning-rat: 3", "c.yaml:1: there is no option 'learning-rat'; did you mean 'learning-rate'?"),
      ("seed: 1\nepochs: [1, 2]", "c.yaml:2: 'epochs' takes one value, not a list"),
      ("no-shuffle: 3", "c.yaml:1: 'no-shuffle' takes true or false, not '3'"),
      ("resume: true\nresume: true", "c.yaml:1: 'resume' occurs more than once"),
      ("a: [", nil),
    ]) func configFiles(text: String, message: String?) throws
  {
    try place.write("c.yaml", text)
    let outcome = try place.run(["dpo", "--model", "x", "--data", "y", "--output", "z", "--config", "c.yaml"])
    outcome.failed(64, try #require(message ?? outcome.error))
    #expect(outcome.error?.hasPrefix("c.yaml") == true)
  }
}
