"""Drives the page of `caravan serve` in a headless browser, on desktop and phone, in dark and light: sends, streams, stops, edits,
votes, reloads, and all that page_talk.py tries.

    python3 -m venv .venv && .venv/bin/pip install selenium
    caravan serve MODEL --port 8080 & caravan serve MODEL MODEL2 --port 8081 --votes votes.jsonl &
    .venv/bin/python Scripts/check_page.py --one http://127.0.0.1:8080 --two http://127.0.0.1:8081 --votes votes.jsonl

It needs Chromium and its driver. `--shots FOLDER` keeps pictures of what it saw.
"""

import argparse
import json
import os

from page_browser import SIZES, Page
from page_talk import TOOL, check_talk
from selenium.webdriver.common.keys import Keys

HOSTILE = """# Title <img src=x onerror=window.pwned=1>
<script>window.pwned=1</script> <b onclick=alert(1)>bold</b> **strong <i>x</i>** `<u>code</u>`
[bad](javascript:window.pwned=1) [bad](  JaVaScRiPt:alert(1)) [bad](data:text/html,<script>alert(1)</script>) [bad](vbscript:x)
[good](https://example.org/a?b=c&d="e") ![picture](https://example.org/x.png) https://example.org/bare.
<javascript:alert(1)> [x](https://example.org" onmouseover="window.pwned=1)

```html" onload="window.pwned=1
<img src=x onerror=window.pwned=1>
```

| a <img src=x onerror=window.pwned=1> | b |
| --- | --- |
| [c](javascript:alert(1)) | d |

> <svg onload=window.pwned=1>

- <iframe src="javascript:window.pwned=1"></iframe>
"""


def check_conversation(url, shots):
    page = Page(url, shots)
    page.shot("empty")
    # Small models fill their context at once; the way on then is another check's.
    page.driver.execute_script("localStorage['caravan.settings'] = JSON.stringify({ maxTokens: '120' })")
    page.driver.refresh()
    page.until(lambda: page.text("#models"), "the page is there")
    page.driver.execute_script("""
        window.lengths = new Set();
        new MutationObserver(() => window.lengths.add(document.querySelector(".answer .text")?.textContent.length))
          .observe(document.getElementById("log"), { childList: true, subtree: true });""")
    page.one("#message").send_keys("Line one", Keys.SHIFT, Keys.ENTER, Keys.NULL, "line two", Keys.ENTER)
    page.until(lambda: (page.texts(".answer .text") or [""])[0] != "", "text streams in")
    page.wait_for_end()
    lengths = page.driver.execute_script("return [...window.lengths]")
    assert len(lengths) > 2, f"the answer did not stream: {lengths}"
    assert page.texts(".bubble") == ["Line one\nline two"], page.texts(".bubble")
    page.shot("answer")

    # A small model may end before a driver has pressed a key.
    page.driver.execute_script("""
        new MutationObserver((_, observer) => {
          if (!document.querySelectorAll(".answer .text")[1]?.textContent) return;
          observer.disconnect();
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        }).observe(document.getElementById("log"), { childList: true, subtree: true, characterData: true });""")
    page.say("And more")
    page.until(lambda: len(page.texts(".answer .text")) == 2 and page.texts(".answer .text")[1], "a second answer begins")
    page.until(lambda: not page.is_running(), "Escape stops")
    page.until(lambda: "Stopped." in page.texts(".note"), "it says so")
    stopped = page.texts(".answer .text")[1]

    page.driver.refresh()
    page.until(lambda: len(page.texts(".turn")) == 2, "the conversation is there after a reload")
    assert page.texts(".answer .text")[1] == stopped

    page.press("Retry")
    page.wait_for_end()
    assert len(page.texts(".turn")) == 2 and "Stopped." not in page.texts(".note"), page.texts(".note")

    page.click(".turn:first-child .asked button")
    field = page.one(".asked textarea")
    assert field.get_attribute("value") == "Line one\nline two"
    field.clear()
    field.send_keys("Edited", Keys.ENTER)
    page.wait_for_end()
    assert page.texts(".bubble") == ["Edited"], page.texts(".bubble")

    page.click("#open-settings")
    fields = {"temperature": "0.25", "maxTokens": "3", "seed": "7", "system": "Be brief."}
    for name, value in fields.items():
        field = page.one(f"#settings [name={name}]")
        field.clear()
        field.send_keys(value)
    page.shot("settings")
    page.press("Done", "#settings")
    page.watch()
    page.say("Short now")
    page.wait_for_end()
    [sent] = page.driver.execute_script("return window.sent")
    assert sent["temperature"] == 0.25 and sent["max_tokens"] == 3 and sent["seed"] == 7, sent
    assert [m["role"] for m in sent["messages"]] == ["system", "user", "assistant", "user"], sent
    page.driver.refresh()
    page.until(lambda: page.text("#models"), "the page is back")
    assert page.driver.execute_script("return JSON.parse(localStorage['caravan.settings']).seed") == "7"

    before = page.driver.execute_script("return document.documentElement.dataset.theme")
    page.click("#theme")
    after = page.driver.execute_script("return document.documentElement.dataset.theme")
    assert (before, after) == ("light", "dark"), (before, after)
    page.shot("switched")
    page.click("#new")
    page.until(lambda: not page.texts(".turn"), "a new conversation is empty")

    unlabelled = page.driver.execute_script("""
        return [...document.querySelectorAll('button, input, textarea, select')]
          .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map(e => e.outerHTML)""")
    assert not unlabelled, unlabelled
    page.close()


CONTENT = r"""Line one
line two &amp; AT&T&copy;<br>after

1. One

   still one
   - nested
2. Two
- [x] done

\\( \frac{a}{2} \\) and \\[ \unknown{x} \\] for $5 and $6, $x^2$

| a | b |
|:-:|--:|
| 1 | `2` |

```python
def f(x):  # why
    return "text"
```
""".replace("\\\\", "\\")


def check_content(url, shots):
    for name, size in SIZES.items():
        page = Page(url, shots, **size)
        page.keep(current="a", settings={"maxTokens": "120"}, conversations=[
            {"id": "a", "turns": [{"user": "Show me", "picked": 0, "answers": [{"model": "m", "content": CONTENT, "finish": "length"}]}]},
            {"id": "b", "turns": [{"user": "Another", "picked": 0, "answers": [{"model": "m", "content": "Needle", "finish": "stop"}]}]}])
        page.until(lambda: page.texts(".answer .text"), "the conversation is shown")
        found = page.driver.execute_script("""
            const text = document.querySelector(".answer .text");
            return { breaks: text.querySelectorAll("p br").length, text: text.textContent, math: text.querySelectorAll("math").length,
              tex: text.querySelector(".tex").textContent, boxes: text.querySelectorAll("input[checked]").length, cells: text.querySelectorAll("td").length,
              words: [...text.querySelectorAll("[class^=hl-]")].map((e) => e.textContent),
              overflow: document.documentElement.scrollWidth > innerWidth };""")
        assert found["breaks"] == 2 and "line two & AT&T©" in found["text"], found
        assert found["math"] == 2 and found["tex"] == r"\[ \unknown{x} \]" and "$5 and $6" in found["text"] and "$x" not in found["text"], found
        assert found["boxes"] == 1 and found["cells"] == 2 and {"def", "return", "# why"} <= set(found["words"]), found
        assert not found["overflow"], name
        page.shot(f"content-{name}")
        assert any(b.text == "Continue" for b in page.all(".answer button")), "a cut answer can go on"

        page.click("#open-chats")
        assert page.texts("#chat-list .title") == ["Show me", "Another"]
        page.one("#chat-search").send_keys("needle")
        page.until(lambda: page.texts("#chat-list .title") == ["Another"], "search finds words of answers")
        page.shot(f"chats-{name}")
        page.press("Delete", "#chats")
        page.until(lambda: not page.texts("#chat-list .title"), "it is deleted")
        page.click("#chat-undo")
        page.until(lambda: page.texts("#chat-list .title") == ["Another"], "it is back")
        page.click("#chat-list .title")
        page.until(lambda: page.texts(".bubble") == ["Another"], "it is shown")
        page.press("Retry")
        page.wait_for_end()
        assert page.texts(".attempts .text") == ["Needle"], "the earlier answer is there"
        page.until(lambda: "tokens" in page.text(".figures"), "tokens are told")

        # What is deleted stays away, also where it is open; what another tab keeps stays there.
        page.click("#open-chats")
        page.one("#chat-search").send_keys("another")
        page.until(lambda: page.texts("#chat-list .title") == ["Another"], "the open one is found")
        page.driver.execute_script("""const all = JSON.parse(localStorage["caravan.conversations"]);
            all.push({ id: "elsewhere", turns: [{ user: "From another tab", answers: [], picked: 0 }] });
            localStorage["caravan.conversations"] = JSON.stringify(all);""")
        page.press("Delete", "#chats")
        page.until(lambda: not page.texts(".bubble"), "the page begins anew")
        page.driver.refresh()
        page.until(lambda: page.text("#models"), "the page is back")
        page.click("#open-chats")
        page.until(lambda: page.texts("#chat-list .title") == ["Show me", "From another tab"], "it is gone, the other tab's is there")
        page.close()


def check_hostile_text(url):
    page = Page(url)
    found = page.driver.execute_async_script("""
        const [text, done] = arguments;
        import("/page/markdown.js").then(({ render }) => {
          const box = document.createElement("div");
          document.body.append(box);
          const timed = (text) => { const start = performance.now(); render(text); return performance.now() - start; };
          box.append(render(text));
          setTimeout(() => done({
            pwned: window.pwned, tags: [...new Set([...box.querySelectorAll("*")].map(e => e.localName))],
            attributes: [...new Set([...box.querySelectorAll("*")].flatMap(e => e.getAttributeNames()))],
            links: [...box.querySelectorAll("a")].map(a => a.href), text: box.textContent,
            slowest: Math.max(...["*", "_", "[", "`", "**a ", "> ", "- ", "|", "![", "~~a", "<", "\\\\", "[a](", "1. "].map(part => timed(part.repeat(4000)))),
          }), 300);
        });""", HOSTILE)
    assert found["pwned"] is None, found
    assert not set(found["tags"]) & {"img", "script", "iframe", "svg", "b", "i", "u", "style", "object"}, found["tags"]
    assert not [name for name in found["attributes"] if name.startswith("on") or name == "style"], found["attributes"]
    assert all(link.startswith("https://example.org") for link in found["links"]) and found["links"], found["links"]
    assert "<script>window.pwned=1</script>" in found["text"]
    assert found["slowest"] < 3000, f"rendering took {found['slowest']} ms"
    page.close()


def check_comparison(url, votes, shots):
    page = Page(url, shots)
    names = page.text("#models").split(" and ")
    assert len(names) == 2, names
    page.driver.execute_script("localStorage['caravan.settings'] = JSON.stringify({ maxTokens: '60' })")
    page.driver.refresh()
    page.until(lambda: page.text("#models"), "the page is there")
    orders = set()
    for round_number, label in enumerate(["A is better", "Tie", "B is better"]):
        page.say(f"Question {round_number}")
        page.until(lambda: all(page.texts(".turn:last-child .answer .text") or [""]), "both stream")
        page.wait_for_end()
        titles = page.texts(".turn:last-child .answer > h3")
        assert titles == ["Answer A", "Answer B"], f"not blind: {titles}"
        shown = page.texts(".turn:last-child .answer .text")
        assert not page.one("#send").is_enabled(), "one can go on without a vote"
        if round_number == 0:
            page.shot("blind")
        was_cut = any("no model learns" in text for text in page.texts(".turn:last-child .vote p"))
        kept = votes + ".cut" if was_cut else votes
        lines = open(kept).read().count("\n") if os.path.exists(kept) else 0
        ties = open(votes + ".ties").read().count("\n") if os.path.exists(votes + ".ties") else 0
        page.press(label, ".turn:last-child")
        page.until(lambda: page.texts(".turn:last-child .score"), "the score is shown")
        revealed = page.texts(".turn:last-child .answer > h3")
        assert sum(name in title for name in names for title in revealed) == 2, revealed
        orders.add(tuple(revealed))
        if label == "Tie":
            assert open(votes + ".ties").read().count("\n") == ties + 1
        else:
            text = open(kept).read()
            assert text.endswith("\n") and text.count("\n") == lines + 1
            line = json.loads(text.splitlines()[-1])
            better = 0 if label.startswith("A") else 1
            assert line["prompt"][-1] == {"role": "user", "content": f"Question {round_number}"}, line
            assert line["chosen_model"] in revealed[better] and line["rejected_model"] in revealed[1 - better], line
            assert shown[better].split()[:3] != [] and line["chosen"][0]["content"].strip() != "", line
        page.shot(f"voted-{round_number}")
    page.driver.refresh()
    page.until(lambda: len(page.texts(".turn")) == 3 and len(page.texts(".score")) == 3, "votes are there after a reload")
    # Long enough to be stopped.
    page.driver.execute_script("localStorage['caravan.settings'] = JSON.stringify({ maxTokens: '400' })")
    page.driver.refresh()
    page.until(lambda: page.text("#models"), "the page is there")
    page.click("#new")
    page.say("Stop this")
    page.until(lambda: any(page.texts(".answer .text") or [""]), "answers begin")
    page.click("#stop")
    page.until(lambda: not page.is_running(), "the button stops")
    assert not any(b.is_enabled() for b in page.all(".choice")), "half an answer can be voted for"
    page.press("Skip")
    page.until(lambda: page.one("#send").is_enabled(), "one can go on after skipping")
    page.close()


def check_votes_on_calls(url, votes, shots):
    def call(name, city):
        return {"id": name * 9, "type": "function", "function": {"name": "weather", "arguments": json.dumps({"city": city})}}

    for name, size in SIZES.items():
        page = Page(url, shots, **size)
        models = page.text("#models").split(" and ")
        answers = [
            {"model": model, "content": "", "finish": "tool_calls", "calls": [call(letter, city)]}
            for model, letter, city in zip(models, "ab", ["Rome", "Oslo"])]
        turn = {"user": "How is the weather in Oslo?", "picked": 0, "answers": answers, "tools": [TOOL]}
        page.keep(current="a", settings={"maxTokens": "6"}, conversations=[{"id": "a", "turns": [turn]}])
        assert not page.all(".results"), "nobody knows yet which call's result is meant"
        assert [e.is_displayed() for e in page.all(".call pre")] == [True, True], "what is called is to be compared"
        page.shot(f"call-vote-{name}")
        page.press("B is better")
        page.until(lambda: page.texts(".score"), "the score is shown")
        line = json.loads(open(votes).read().splitlines()[-1])
        made = line["chosen"][0]["tool_calls"][0]
        assert made["function"] == {"name": "weather", "arguments": {"city": "Oslo"}} and line["tools"] == [TOOL], line
        assert line["chosen_model"] == models[1] and line["rejected"][0]["tool_calls"][0]["id"] == "a" * 9, line
        assert page.texts(".results label") == ['Result of weather {"city": "Oslo"}'], page.texts(".results label")
        page.shot(f"call-voted-{name}")
        page.run("""
            window.sent = [];
            const answer = { choices: [{ index: 0, delta: { content: "Take a coat." }, finish_reason: "stop" }] };
            window.fetch = async (path, options) => {
              sent.push(JSON.parse(options.body));
              return new Response(`data: ${JSON.stringify(answer)}\\n\\ndata: [DONE]\\n\\n`);
            };""")
        page.one(".results textarea").send_keys("Rain", Keys.ENTER)
        page.until(lambda: page.texts(".turn:last-child .answer .text") == ["Take a coat."] * 2, "both go on")
        last = page.run("return sent")[0]["messages"][-1]
        assert last == {"role": "tool", "tool_call_id": "b" * 9, "name": "weather", "content": "Rain"}, last
        page.close()


def take_pictures(one, two, shots):
    for name, url, size in [
        ("dark", one, {"dark": True}), ("narrow", one, {"width": 500, "height": 860}),
        ("narrow-dark-two", two, {"width": 500, "height": 1000, "dark": True}), ("dark-two", two, {"dark": True}),
    ]:
        page = Page(url, shots, **size)
        page.say("What is a caravan?")
        page.until(lambda: page.is_running() or page.texts(".turn"), "it begins")
        page.wait_for_end()
        page.shot(name)
        page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", required=True, help="a server with one model")
    parser.add_argument("--two", required=True, help="a server with two models")
    parser.add_argument("--votes", required=True, help="the file of votes of the second")
    parser.add_argument("--shots", help="a folder for pictures")
    arguments = parser.parse_args()
    if arguments.shots:
        os.makedirs(arguments.shots, exist_ok=True)
    check_hostile_text(arguments.one)
    print("hostile text: ok")
    check_content(arguments.one, arguments.shots)
    print("content: ok")
    check_conversation(arguments.one, arguments.shots)
    print("conversation: ok")
    check_talk(arguments.one, arguments.two, arguments.shots)
    check_comparison(arguments.two, arguments.votes, arguments.shots)
    print("comparison: ok")
    check_votes_on_calls(arguments.two, arguments.votes, arguments.shots)
    print("votes on calls: ok")
    if arguments.shots:
        take_pictures(arguments.one, arguments.two, arguments.shots)
