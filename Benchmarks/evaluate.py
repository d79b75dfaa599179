"""Runs `caravan eval` and lm-evaluation-harness side by side: the same model, the same questions, the same prompts, item by item.

    python Benchmarks/evaluate.py --model FOLDER          # needs lm-eval, transformers and torch; --shots 0 or 5

The questions are those of MMLU whose prompts ../shared/gold/mmlu has: two of each subject, with the subject's five solved examples. They
are asked as MMLU's (the letters' likelihoods), and as ARC's (the choices' texts, whose likelihoods are of several tokens). Each program's time
is that of its whole run; both read the same folder with the same threads. --ask-examples asks the
solved examples too, so that seven questions of a subject begin alike (MMLU has 246). --exact computes the likelihoods in float64 too, with
transformers and one sequence at a time, and tells how far each program is from them.
"""

import argparse
import gzip
import json
import os
import pathlib
import re
import shutil
import sys

from compare import ROOT, SHARED, WORK, measured

LETTERS = "ABCD"


def questions(path):
    """The records of both splits by subject."""
    found = {}
    for line in gzip.open(path, "rt"):
        item = json.loads(line)
        if item["shots"] != 5:
            continue
        subject = item["subject"]
        text = item["prompt"].split("\n\n", 1)[1].split("\n<|assistant|>")[0]
        # Solved examples and the question: each ends at its line `Answer:`.
        *solved, last = re.findall(r"(.*?\nAnswer:(?: [A-D])?)(?:\n\n|$)", text, flags=re.S)
        entry = found.setdefault(subject, {"dev": [], "test": []})
        if len(solved) == 5:
            entry["dev"] = [record(subject, part, None) for part in solved]
            entry["test"].append(record(subject, last, item["answer"]))
    return {subject: entry for subject, entry in found.items() if entry["test"]}


def record(subject, text, answer):
    found = re.fullmatch(r"(.*)\nA\. (.*)\nB\. (.*)\nC\. (.*)\nD\. (.*)\nAnswer:(?: ([A-D]))?", text, flags=re.S)
    choices = list(found.groups()[1:5])
    return {"question": found[1], "subject": subject, "choices": choices, "answer": LETTERS.index(found[6] or answer)}


def arc(record, place):
    return {"id": str(place), "question": record["question"], "choices": {"text": record["choices"], "label": list(LETTERS)},
            "answerKey": LETTERS[record["answer"]]}


def write(records, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in records))


def local(folder, splits):
    """What a task's description says of data in a folder."""
    return {"dataset_path": "json", "dataset_name": None,
            "dataset_kwargs": {"data_files": {split: str(folder / f"{split}.jsonl") for split in splits}}}


def run_harness(model, tasks, work, threads, batch_size=8, more=()):
    """Runs lm-evaluation-harness: its seconds and memory."""
    return measured(
        [sys.executable, "-m", "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={model},dtype=float32", "--tasks",
         ",".join(tasks), "--include_path", str(work / "tasks"), "--device", "cpu", "--batch_size", str(batch_size), "--log_samples",
         "--output_path", str(work / "lm-eval"), *more],
        {"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"})


def make_tasks(subjects, folder):
    """The harness's own descriptions of its tasks, with local files where they name the hub's."""
    import lm_eval
    import yaml

    own = pathlib.Path(lm_eval.__file__).parent / "tasks"
    folder.mkdir(parents=True)

    common = yaml.safe_load((own / "mmlu/default/_default_template_yaml").read_text())
    for subject, entry in subjects.items():
        for split in ("dev", "test"):
            write(entry[split], folder / "mmlu" / subject / f"{split}.jsonl")
        task = common | yaml.safe_load((own / f"mmlu/default/mmlu_{subject}.yaml").read_text())
        task = {key: value for key, value in task.items() if key not in ("include", "tag", "task_alias")}
        task |= local(folder / "mmlu" / subject, ("dev", "test")) | {"task": f"own_mmlu_{subject}"}
        (folder / f"own_mmlu_{subject}.yaml").write_text(yaml.safe_dump(task))
    write([arc(one, i) for i, one in enumerate(one for entry in subjects.values() for one in entry["test"])],
          folder / "arc" / "test.jsonl")
    task = yaml.safe_load((own / "arc/arc_easy.yaml").read_text())
    task = {key: value for key, value in task.items() if key not in ("tag", "training_split", "validation_split")}
    (folder / "own_arc.yaml").write_text(yaml.safe_dump(task | local(folder / "arc", ("test",)) | {"task": "own_arc"}))
    for split in ("dev", "test"):
        write([one for entry in subjects.values() for one in entry[split]], folder / "mmlu-all" / f"{split}.jsonl")


def samples(folder, pattern):
    """Likelihoods, verdict and what was asked, of each question."""
    found = {}
    for path in sorted(folder.rglob(pattern)):
        for line in path.read_text().splitlines():
            one = json.loads(line)
            key = (one["doc"]["question"], json.dumps(one["doc"]["choices"]))
            found[key] = ([float(reply[0][0] if isinstance(reply[0], list) else reply[0]) for reply in one["resps"]], one["acc"],
                          [(args["arg_0"], args["arg_1"]) for args in one["arguments"].values()])
    return found


def exact(model, asked):
    """The likelihoods of questions in float64."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float64).eval()

    @torch.no_grad()
    def likelihood(context, text):
        count, tokens = len(tokenizer(context).input_ids), tokenizer(context + text, return_tensors="pt").input_ids
        logits = network(tokens).logits[0, count - 1:-1].log_softmax(-1)
        return logits.gather(1, tokens[0, count:, None]).sum().item()

    return {key: [likelihood(*one) for one in pairs] for key, pairs in asked.items()}


def distance(some, others):
    """The largest and the root mean square difference."""
    differences = [abs(a - b) for key in some if key in others for a, b in zip(some[key], others[key])]
    mean = (sum(d * d for d in differences) / max(1, len(differences))) ** 0.5
    return f"at most {max(differences, default=0):.1e} (root mean square {mean:.1e})"


def compare(name, theirs, ours, model):
    shared = [key for key in theirs if key in ours]
    equal = sum(theirs[key][1] == ours[key][1] for key in shared)
    accuracy = sum(theirs[key][1] for key in shared) / max(1, len(shared))
    likelihoods = [{key: found[key][0] for key in shared} for found in (theirs, ours)]
    print(f"{name:8} {len(shared)} of {len(theirs)} questions, {equal} verdicts equal, accuracy {accuracy:.4f}, "
          f"likelihoods {distance(*likelihoods)} apart")
    if model:
        truth = exact(model, {key: theirs[key][2] for key in shared})
        print(f"{'':8} from float64: lm-eval {distance(likelihoods[0], truth)}, Caravan {distance(likelihoods[1], truth)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--caravan", default=ROOT / ".build/release/caravan")
    parser.add_argument("--prompts", type=pathlib.Path, default=SHARED / "gold/mmlu/prompts.jsonl.gz")
    parser.add_argument("--shots", type=int, default=0)
    parser.add_argument("--ask-examples", action="store_true", help="also ask what is a solved example")
    parser.add_argument("--exact", action="store_true", help="also compute likelihoods in float64")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    work = WORK / "evaluate"
    shutil.rmtree(work, ignore_errors=True)
    subjects = questions(args.prompts)
    for entry in subjects.values() if args.ask_examples else ():
        entry["test"] += entry["dev"]
    make_tasks(subjects, work / "tasks")
    # ARC's questions here have no solved examples.
    with_arc = args.shots == 0
    names = [f"own_mmlu_{subject}" for subject in subjects] + ["own_arc"] * with_arc
    ours = measured(
        [str(part) for part in (
            args.caravan, "eval", args.model, "--tasks", "mmlu,arc_easy" if with_arc else "mmlu", "--as", "lm-eval", "--data",
            f"mmlu={work}/tasks/mmlu-all", *["--data", f"arc_easy={work}/tasks/arc"] * with_arc, "--shots", args.shots, "--threads",
            args.threads, "--output", work / "caravan")], {})
    theirs = run_harness(args.model, names, work, args.threads, more=["--num_fewshot", str(args.shots)])
    model = args.model if args.exact else None
    compare("MMLU", samples(work / "lm-eval", "samples_own_mmlu_*"), samples(work / "caravan", "samples_mmlu_*"), model)
    if with_arc:
        compare("ARC", samples(work / "lm-eval", "samples_own_arc_*"), samples(work / "caravan", "samples_arc_easy_*"), model)
    print(f"caravan {ours[0]:.1f} s, lm-eval {theirs[0]:.1f} s: {theirs[0] / ours[0]:.1f} times")


if __name__ == "__main__":
    main()
