"""The loop from the page to KTO and DPO: rates single answers on the page of `caravan serve`, votes on two, and trains on both
kinds with KTO and on the votes with DPO.

    python3 -m venv .venv && .venv/bin/pip install selenium
    .venv/bin/python Scripts/check_ratings.py .build/release/caravan MODEL

It needs Chromium and its driver. `--shots FOLDER` keeps pictures of what it saw.
"""

import argparse
import json
import math
import os
import re
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from page_browser import SIZES, Page

# A model without manners ends nowhere; these letters end an answer soon.
SETTINGS = {"maxTokens": "60", "stop": "\n".join("aeiou")}


@contextmanager
def serving(*arguments):
    """The address of a server that ends with the block."""
    server = subprocess.Popen([*arguments, "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        for line in server.stderr:
            if found := re.search(r"at (http://\S+)", line):
                yield found.group(1)
                break
        else:
            raise AssertionError("the server does not begin")
    finally:
        server.terminate()
        server.stderr.read()
        server.wait()


def rows(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def pressed(page):
    return page.run("return [...document.querySelectorAll('.turn:last-child .rating')].map((e) => e.ariaPressed)")


def rate(page, label):
    before = pressed(page)
    page.press(label, ".turn:last-child")
    page.until(lambda: pressed(page) != before, f"'{label}' is taken")


def check_buttons(url, file, shots):
    """On each size of screen: rated, changed, taken back; on the disk before the page says so; there after a reload."""
    for name, size in SIZES.items():
        page = Page(url, shots, **size)
        model = page.text("#models")
        answer = {"model": model, "content": "A tent on wheels.", "finish": "stop"}
        calling = {**answer, "calls": [{"function": {"name": "f", "arguments": "{}"}}]}
        for other in ({**answer, "finish": "stopped"}, {**answer, "error": "gone"}, {**answer, "content": ""}):
            page.keep(current="a", conversations=[{"id": "a", "turns": [{"user": "What?", "picked": 0, "answers": [other]}]}])
            assert pressed(page) == [], "half an answer is not rated"
        page.keep(current="a", conversations=[{"id": "a", "turns": [{"user": "What?", "picked": 0, "answers": [calling]}]}])
        rate(page, "Good")
        assert rows(file)[-1]["completion"][0]["tool_calls"][0]["function"] == {"name": "f", "arguments": {}}, rows(file)[-1]
        rate(page, "Good")
        turns = [{"user": f"{name} {number}", "picked": 0, "answers": [answer]} for number in (1, 2)]
        page.keep(current="a", settings={"system": "Be brief."}, conversations=[{"id": "a", "turns": turns}])
        count = len(rows(file))
        rate(page, "Good")
        row = rows(file)[count]
        assert row["label"] is True and row["completion"] == [{"role": "assistant", "content": "A tent on wheels."}], row
        assert [message["role"] for message in row["prompt"]] == ["system", "user", "assistant", "user"], row
        assert page.texts("#status") == ["Rated good"], "it is said to those who hear the page"
        page.shot(f"rating-{name}")
        page.driver.refresh()
        page.until(lambda: pressed(page) == ["true", "false"], "the rating is there after a reload")
        rate(page, "Bad")
        assert pressed(page) == ["false", "true"] and rows(file)[count]["label"] is False
        assert page.run("return document.activeElement.dataset.rating") == "bad", "the keyboard stays where it was"
        rate(page, "Bad")
        assert pressed(page) == ["false", "false"] and len(rows(file)) == count, "a second press takes it back"
        # What was written into another file by another server is added anew.
        page.run("""
            const kept = JSON.parse(localStorage['caravan.conversations']);
            kept[0].turns[1].answers[0].rating = { id: 'elsewhere', rating: 'bad' };
            localStorage['caravan.conversations'] = JSON.stringify(kept);""")
        page.driver.refresh()
        page.until(lambda: pressed(page) == ["false", "true"], "the page believes what it kept")
        rate(page, "Good")
        assert pressed(page) == ["true", "false"] and len(rows(file)) == count + 1
        rate(page, "Good")
        assert all("status of 404" in entry["message"] for entry in page.driver.get_log("browser"))
        page.close()
    assert rows(file) == [] and stat.S_IMODE(os.stat(file).st_mode) == 0o600


def check_cut(url, file):
    page = Page(url)
    answer = {"model": page.text("#models"), "content": "A tent on", "finish": "length"}
    page.keep(current="a", conversations=[{"id": "a", "turns": [{"user": "What?", "picked": 0, "answers": [answer]}]}])
    rate(page, "Good")
    assert rows(file) == [] and len(rows(file + ".cut")) == 1, "what was cut lies apart"
    page.close()


def collect_ratings(url, file, count):
    """Talks, and rates what is answered, good and bad in turn."""
    page = Page(url)
    page.keep(settings=SETTINGS)
    for number in range(6 * count):
        page.click("#new")
        page.say(f"Question {number}")
        page.wait_for_end()
        if pressed(page):
            rate(page, "Bad" if len(rows(file)) % 2 else "Good")
        if len(rows(file)) == count:
            break
    assert len(rows(file)) == count, rows(file)
    page.close()


def collect_votes(url, file, count):
    page = Page(url)
    page.keep(settings={**SETTINGS, "mode": "both"})
    for number in range(6 * count):
        page.click("#new")
        page.say(f"Question {number}")
        page.wait_for_end()
        choice = page.one(".vote .choice")
        if choice.is_enabled():
            page.press("A is better")
            page.until(lambda: page.texts(".score"), "the vote is counted")
        if len(rows(file)) == count:
            break
    assert len(rows(file)) == count, rows(file)
    page.close()


def train(caravan, method, model, folder, *data):
    """Trains, asks the trained model; what was said on the way, and the metrics of the first step."""
    output = folder / method
    done = subprocess.run(
        [caravan, method, "--model", model, "--data", *data, "--output", output, "--batch-size", "4"],
        capture_output=True, text=True, check=True, env=os.environ | {"CARAVAN_CACHE": str(folder / "cache")},
    )  # fmt: skip
    before, after = ((Path(place) / "model.safetensors").read_bytes() for place in (model, output))
    assert before != after, "the weights have moved"
    asked = [caravan, "generate", "--model", output, "--max-tokens", "4", "What is a caravan?"]
    subprocess.run(asked, capture_output=True, check=True)
    return done.stderr, rows(output / "metrics.jsonl")[0]


def check_kto(caravan, model, folder, ratings, votes):
    said, first = train(caravan, "kto", model, folder, ratings, votes)
    answers = len(rows(ratings)) + 2 * len(rows(votes))
    good = sum(row["label"] for row in rows(ratings)) + len(rows(votes))
    assert f"training on: {answers} of {answers} answers" in said, said
    assert f"{good} answers are good, {answers - good} are bad" in said, said
    assert abs(first["loss"] - 0.5) < 1e-4 and "kl" in first, first


def check_dpo(caravan, model, folder, votes):
    said, first = train(caravan, "dpo", model, folder, votes)
    count = len(rows(votes))
    assert f"training on: {count} of {count} records" in said, said
    assert abs(first["loss"] - math.log(2)) < 1e-4, first


def main(caravan, model, shots):
    caravan, model = os.path.abspath(caravan), os.path.abspath(model)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ratings, votes = str(folder / "ratings.jsonl"), str(folder / "votes.jsonl")
        with serving(caravan, "serve", model, "--ratings", ratings) as url:
            check_buttons(url, ratings, shots)
            print("buttons: ok")
            check_cut(url, ratings)
            collect_ratings(url, ratings, 6)
            print("ratings: ok")
        with serving(caravan, "serve", model, model, "--votes", votes) as url:
            collect_votes(url, votes, 3)
            print("votes: ok")
        check_kto(caravan, model, folder, ratings, votes)
        print("kto: ok")
        check_dpo(caravan, model, folder, votes)
        print("dpo: ok")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("caravan")
    parser.add_argument("model")
    parser.add_argument("--shots", help="a folder for pictures")
    arguments = parser.parse_args()
    if arguments.shots:
        os.makedirs(arguments.shots, exist_ok=True)
    main(arguments.caravan, arguments.model, arguments.shots)
