"""Runs `caravan eval` and lm-evaluation-harness side by side where models write answers: the same prompts, and answers compared text by
text.

    python Benchmarks/evaluate_answers.py --model FOLDER    # needs lm-eval, transformers, torch, immutabledict, langdetect and nltk

Problems in the form of GSM8K's, of our own making, behind five solved ones that both draw for each; and prompts of IFEval that
../shared/gold/ifeval has, of those whose instructions need no data of nltk's. Both decode greedily in float32. Each program's time is that
of its whole run; lm-eval answers --batch-size prompts at once.
"""

import argparse
import json
import os
import pathlib
import random
import shutil

from compare import ROOT, SHARED, WORK, measured
from evaluate import local, run_harness, write


def problems(count, seed):
    """Problems of two steps, with solutions as the data's."""
    draw = random.Random(seed)
    names, things = ["Ann", "Ben", "Cem", "Dora", "Emil", "Fay"], ["apples", "books", "stamps", "shells", "pens"]
    for _ in range(count):
        name, thing, a, b, c = draw.choice(names), draw.choice(things), draw.randint(2, 40), draw.randint(2, 9), draw.randint(1, 30)
        yield {
            "question": f"{name} has {a} {thing} and buys {b} boxes with {c} {thing} each. How many {thing} does {name} have now?",
            "answer": f"The boxes hold {b}*{c}=<<{b}*{c}={b * c}>>{b * c} {thing}.\n{name} has {a}+{b * c}=<<{a}+{b * c}={a + b * c}>>"
                      f"{a + b * c} {thing}.\n#### {a + b * c}"}


def instructions(path, count):
    """The first prompts whose instructions the harness checks without data that it would download."""
    wanted = []
    for line in open(path):
        one = json.loads(line)
        if not any(part in name for name in one["instruction_id_list"] for part in ("sentences", "language", "case:", "capital", "english")):
            # Arrow wants the same fields in each.
            wanted.append({key: one[key] for key in ("key", "prompt", "instruction_id_list", "kwargs")})
    fields = sorted({field for one in wanted for arguments in one["kwargs"] for field in arguments})
    for one in wanted:
        one["kwargs"] = [{field: arguments.get(field) for field in fields} for arguments in one["kwargs"]]
    return wanted[:count]


def make_tasks(args, folder):
    """The harness's own descriptions of its tasks, with local files where they name the hub's."""
    import lm_eval
    import yaml

    own = pathlib.Path(lm_eval.__file__).parent / "tasks"
    write(list(problems(200, 0)), folder / "gsm8k" / "train.jsonl")
    write(list(problems(args.items, 1)), folder / "gsm8k" / "test.jsonl")
    write(instructions(args.prompts, args.items), folder / "ifeval" / "train.jsonl")
    task = yaml.safe_load((own / "gsm8k/gsm8k.yaml").read_text())
    task |= local(folder / "gsm8k", ("train", "test")) | {"task": "own_gsm8k"}
    del task["tag"]
    (folder / "own_gsm8k.yaml").write_text(yaml.safe_dump(task))
    text = (own / "ifeval/ifeval.yaml").read_text().replace("task: ifeval", "task: own_ifeval")
    files = f"dataset_path: json\ndataset_kwargs:\n  data_files:\n    train: {folder}/ifeval/train.jsonl"
    (folder / "own_ifeval.yaml").write_text(text.replace("dataset_path: google/IFEval", files))
    for name in ("utils.py", "instructions.py", "instructions_registry.py", "instructions_util.py"):
        shutil.copy(own / "ifeval" / name, folder / name)


def samples(folder, pattern, metrics):
    """What was asked, the answer, and the verdicts, of each item."""
    found = {}
    for path in sorted(folder.rglob(pattern)):
        for line in path.read_text().splitlines():
            one = json.loads(line)
            reply = one["resps"][0]
            entry = found.setdefault(one["doc_id"], {
                "prompt": next(iter(one["arguments"].values()))["arg_0"], "answer": reply[0] if isinstance(reply, list) else reply})
            for metric in metrics:
                if metric in one:
                    entry[metric, one["filter"]] = one[metric]
    return found


def compare(name, theirs, ours):
    shared = [key for key in theirs if key in ours]

    def equal(field):
        return sum(theirs[key][field] == ours[key][field] for key in shared)

    verdicts = [field for field in theirs[shared[0]] if isinstance(field, tuple)]
    said = ", ".join(f"{equal(field)} of {' '.join(field)}" for field in verdicts)
    print(f"{name}: of {len(shared)} items {equal('prompt')} prompts and {equal('answer')} answers are equal; of the verdicts {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan")
    parser.add_argument("--prompts", type=pathlib.Path, default=SHARED / "gold/ifeval/responses_verdicts.jsonl")
    parser.add_argument("--items", type=int, default=32, help="of each task")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    work = WORK / "evaluate-answers"
    shutil.rmtree(work, ignore_errors=True)
    make_tasks(args, work / "tasks")
    ours = measured(
        [str(part) for part in (
            args.caravan, "eval", args.model, "--tasks", "gsm8k,ifeval", "--as", "lm-eval", "--data", f"gsm8k={work}/tasks/gsm8k",
            "--data", f"ifeval={work}/tasks/ifeval", "--threads", args.threads, "--output", work / "caravan")], {})
    theirs = run_harness(args.model, ["own_gsm8k", "own_ifeval"], work, args.threads, args.batch_size)
    for name, metrics in [("gsm8k", ["exact_match"]), ("ifeval", ["prompt_level_strict_acc", "prompt_level_loose_acc"])]:
        compare(name, samples(work / "lm-eval", f"samples_own_{name}_*", metrics), samples(work / "caravan", f"samples_{name}_*", metrics))
    print(f"caravan {ours[0]:.1f} s, lm-eval {theirs[0]:.1f} s: {theirs[0] / ours[0]:.1f} times")


if __name__ == "__main__":
    main()
