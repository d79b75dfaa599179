"""What a conversation on the page can do, on each size of screen, in dark and light."""

import json

from page_browser import SIZES, Page
from selenium.webdriver.common.keys import Keys

LONG = "word " * 60
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}


def turn(user, *contents, finish="stop", **more):
    answers = [{"model": model, "content": content, "finish": finish} for model, content in zip(["stories260K", "other"], contents)]
    return {"user": user, "answers": answers, "picked": 0, **more}


def check_talk(one, two, shots):
    for name, size in SIZES.items():
        page = Page(one, shots, **size)
        for check in (check_settings, check_continue, check_full_context, check_forgotten_calls, check_tool_calls, check_deletion, check_export, check_tabs):
            check(page, name)
        page.close()
        page = Page(two, shots, **size)
        for check in (check_attempts, check_grid):
            check(page, name)
        page.close()
        print(f"talk, {name}: ok")


def check_settings(page, name):
    page.keep()
    values = {
        "temperature": "0.5", "topP": "0.9", "topK": "40", "minP": "0.05", "repetitionPenalty": "1.1", "presencePenalty": "0.2",
        "frequencyPenalty": "0.3", "maxTokens": "4", "seed": "7", "stop": "END\n\\n\\n",
    }
    page.click("#open-settings")
    placeholders = page.run("return Object.fromEntries([...document.querySelectorAll('#settings .pair [name]')].map((e) => [e.name, e.placeholder]))")
    assert placeholders["temperature"] == "1" and placeholders["maxTokens"] == "2048" and all(placeholders.values()), placeholders
    page.shot(f"settings-{name}")
    for field, value in values.items():
        page.run("const e = document.querySelector(`#settings [name=${arguments[0]}]`); e.value = arguments[1]; e.dispatchEvent(new Event('input'))", field, value)
    assert page.run("return document.querySelector('#settings form').checkValidity()")
    page.press("Done", "#settings")
    page.watch()
    page.say("Hello")
    page.wait_for_end()
    [sent] = page.run("return sent")
    wanted = {
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1, "presence_penalty": 0.2,
        "frequency_penalty": 0.3, "max_tokens": 4, "seed": 7, "stop": ["END", "\n\n"],
    }
    assert {key: sent.get(key) for key in wanted} == wanted, sent
    assert not page.texts(".failed"), page.texts(".failed")
    page.keep(settings={"temperature": ""})
    page.watch()
    page.say("Hello")
    page.wait_for_end()
    assert set(page.run("return sent")[0]) == {"model", "messages", "stream", "stream_options"}, "what is empty is not sent"
    page.click("#open-settings")
    page.run("const e = document.querySelector('[name=tools]'); e.value = '{'; e.dispatchEvent(new Event('input'))")
    assert not page.run("return document.querySelector('[name=tools]').checkValidity()"), "tools that are no JSON are not taken"
    page.driver.execute_async_script("const dialog = document.getElementById('settings'); dialog.addEventListener('close', () => arguments[0]()); dialog.close()")


def check_continue(page, name):
    page.keep(settings={"maxTokens": "6"})
    page.watch()
    page.say("Once upon a time")
    page.wait_for_end()
    [before] = page.texts(".answer .text")
    page.press("Continue")
    page.wait_for_end()
    sent = page.run("return sent")[1]
    assert sent["continue_final_message"] is True and sent["add_generation_prompt"] is False, sent
    assert [m["role"] for m in sent["messages"]] == ["user", "assistant"], sent
    [after] = page.texts(".answer .text")
    assert after.startswith(before) and len(after) > len(before), (before, after)
    assert not page.texts(".failed") and page.texts(".bubble") == ["Once upon a time"], "nothing was said in a person's place"


def check_full_context(page, name):
    page.keep(current="a", settings={"maxTokens": "8"}, conversations=[{"id": "a", "turns": [turn(f"{n} {LONG}", LONG) for n in range(4)]}])
    page.say("More?")
    page.wait_for_end()
    assert page.texts(".failed") == ["This conversation is longer than the model can read."], page.texts(".failed")
    page.shot(f"full-{name}")
    for _ in range(4):
        if page.texts(".failed"):
            page.press("Go on without the oldest messages")
            page.wait_for_end()
    assert not page.texts(".failed") and page.texts(".turn:last-child .answer .text")[0], "it goes on"
    assert "The model is not told what stands above." in page.texts(".note")
    assert len(page.texts(".turn")) == 5, "what is not told is still shown"
    page.keep()
    page.say(LONG * 9)
    page.wait_for_end()
    assert "There is nothing older to leave out: shorten the message, or begin a new conversation." in page.texts(".note"), page.texts(".note")
    # The browser notes the refusals, which are meant to be.
    assert all("status of 400" in entry["message"] for entry in page.driver.get_log("browser"))


def check_forgotten_calls(page, name):
    calls = [{"id": "aaaaaaaaa", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]
    asking, told = turn("One", ""), turn("", "Two")
    asking["answers"][0]["calls"] = calls
    told["results"] = [{"id": "aaaaaaaaa", "name": "weather", "arguments": "{}", "content": "Rain"}]
    del told["user"]
    page.keep(current="a", conversations=[{"id": "a", "turns": [turn("Zero", "Yes"), asking, told, turn("Three", "No")]}])
    page.run("""
        window.sent = [];
        const answer = { choices: [{ index: 0, delta: { content: "So." }, finish_reason: "stop" }] };
        const full = JSON.stringify({ error: { message: "Full", code: "context_length_exceeded" } });
        window.fetch = async (path, options) => sent.push(JSON.parse(options.body)) === 1
          ? new Response(full, { status: 400 }) : new Response(`data: ${JSON.stringify(answer)}\\n\\ndata: [DONE]\\n\\n`);""")
    page.say("More?")
    page.until(lambda: page.texts(".failed"), "the context is full")
    page.press("Go on without the oldest messages")
    page.until(lambda: page.texts(".turn:last-child .answer .text") == ["So."], "it goes on")
    before, after = ([m["role"] for m in sent["messages"]] for sent in page.run("return sent"))
    assert before == ["user", "assistant", "user", "assistant", "tool", "assistant", "user", "assistant", "user"], before
    assert after == ["user", "assistant", "user"], "no result stands without its call"


def check_tool_calls(page, name):
    page.keep(settings={"tools": json.dumps([TOOL])})
    page.run("""
        const real = window.fetch; window.sent = [];
        const chunk = (delta, finish_reason = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
        const call = (index, part, id) => chunk({ tool_calls: [{ index, id, function: part }] });
        const parts = [
          chunk({ role: "assistant", content: "" }), chunk({ content: "Let me look." }), call(0, { name: "weather", arguments: "" }, "aaaaaaaaa"),
          call(0, { arguments: '{"city": ' }), call(0, { arguments: '"<b>Oslo</b>"}' }), call(1, { name: "time", arguments: "{}" }, "bbbbbbbbb"), chunk({}, "tool_calls")];
        window.fetch = async (path, options) => {
          if (!options?.body) return real(path, options);
          window.sent.push(JSON.parse(options.body));
          const stream = new ReadableStream({ async start(control) {
            for (const part of parts) {
              control.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(part)}\\n\\n`));
              await new Promise((done) => setTimeout(done, 150));
              const shown = document.querySelector(".call pre");
              if (shown) (window.shown ??= []).push(shown.textContent);
            }
            control.enqueue(new TextEncoder().encode("data: [DONE]\\n\\n"));
            control.close();
          } });
          return new Response(stream);
        };""")
    page.say("How is the weather in Oslo?")
    page.wait_for_end()
    assert page.texts(".call summary") == ["Calls weather", "Calls time"], page.texts(".call summary")
    assert '{"city": ' in page.run("return shown"), "a call shows while it comes"
    page.run("document.querySelector('.call').open = true")
    assert page.texts(".call pre")[0] == '{\n  "city": "<b>Oslo</b>"\n}', page.texts(".call pre")
    page.shot(f"calls-{name}")
    check_results(page, name)
    page.say("It rains.")
    page.wait_for_end()
    assert page.run("return sent")[0]["tools"] == [TOOL]
    answer = page.run("return sent")[1]["messages"][1]
    assert answer["content"] == "Let me look." and [c["function"]["name"] for c in answer["tool_calls"]] == ["weather", "time"], answer
    page.driver.refresh()
    page.until(lambda: len(page.texts(".call")) == 6, "calls are there after a reload")
    assert page.texts(".bubble")[1:3] == ["Result of weatherSnow", "Result of timeNoon"], page.texts(".bubble")
    page.click("#open-chats")
    page.one("#chat-search").send_keys("snow")
    page.until(lambda: page.texts("#chat-list .title") == ["How is the weather in Oslo?"], "search finds words of results")
    page.press("Done", "#chats")


def check_results(page, name):
    """A person says what came of calls."""
    labels = page.texts(".results label")
    assert labels == ['Result of weather {"city": "<b>Oslo</b>"}', "Result of time {}"], labels
    weather, time = page.all(".results textarea")
    weather.send_keys("Rain,", Keys.SHIFT, Keys.ENTER, Keys.NULL, "<b>9</b> °C", Keys.ENTER)
    assert len(page.run("return sent")) == 1, "a result is missing"
    # What is typed outlives a new drawing of the page.
    page.run("document.querySelector('.results').dataset.isOld = true")
    page.click("#open-settings")
    page.press("Done", "#settings")
    page.until(lambda: not page.all(".results[data-is-old]"), "the page is drawn anew")
    weather, time = page.all(".results textarea")
    assert weather.get_attribute("value") == "Rain,\n<b>9</b> °C"
    page.shot(f"results-{name}")
    time.send_keys("Noon", Keys.ENTER)
    page.until(lambda: len(page.run("return sent")) == 2, "the results are sent")
    page.wait_for_end()
    messages = page.run("return sent")[1]["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant", "tool", "tool"], messages
    assert messages[2] == {"role": "tool", "tool_call_id": "aaaaaaaaa", "name": "weather", "content": "Rain,\n<b>9</b> °C"}, messages
    assert messages[3] == {"role": "tool", "tool_call_id": "bbbbbbbbb", "name": "time", "content": "Noon"}, messages
    page.shot(f"answered-{name}")
    page.press("Edit", ".turn:last-child")
    weather, time = page.all(".turn:last-child .asked textarea")
    assert weather.get_attribute("value") == "Rain,\n<b>9</b> °C" and time.get_attribute("value") == "Noon"
    weather.clear()
    weather.send_keys("Snow")
    page.shot(f"edited-{name}")
    page.press("Send results", ".turn:last-child .asked")
    page.until(lambda: len(page.run("return sent")) == 3, "other results are sent")
    page.wait_for_end()
    assert [m["content"] for m in page.run("return sent")[2]["messages"][2:]] == ["Snow", "Noon"], page.run("return sent")[2]
    assert len(page.texts(".turn")) == 2


def check_deletion(page, name):
    page.keep(current="a", settings={"maxTokens": "6"}, conversations=[{"id": "a", "turns": [turn("First", "Yes")]}, {"id": "b", "turns": [turn("Second", "No")]}])
    page.click("#open-chats")
    page.press("Delete", "#chat-list li:first-child")
    page.press("Delete", "#chat-list li:first-child")
    page.until(lambda: page.text("#chat-list") == "There is none yet.", "both are deleted")
    assert page.texts(".turn") == [], "what is deleted is not shown"
    page.click("#chat-undo")
    page.click("#chat-undo")
    page.until(lambda: page.texts("#chat-list .title") == ["First", "Second"], "both are back, in their places")
    page.until(lambda: page.texts(".bubble") == ["First"], "and the one that was shown is shown")
    page.press("Delete", "#chat-list li:first-child")
    page.press("Done", "#chats")
    page.click("#new")
    page.say("Third")
    page.wait_for_end()
    page.driver.refresh()
    page.until(lambda: page.texts(".bubble") == ["Third"], "the new one is there")
    page.click("#open-chats")
    assert page.texts("#chat-list .title") == ["Third", "Second"], page.texts("#chat-list .title")
    page.shot(f"list-{name}")
    page.press("Done", "#chats")
    page.say("Deleted while it is answered")
    page.click("#open-chats")
    page.press("Delete", "#chat-list li:first-child")
    page.wait_for_end()
    page.driver.refresh()
    page.until(lambda: page.text("#models"), "the page is back")
    assert page.run("return JSON.parse(localStorage['caravan.conversations']).length") == 1, "a late answer brings nothing back"


def check_export(page, name):
    page.keep(current="a", conversations=[{"id": "a", "turns": [turn("First", "Yes"), turn("More", "One", "Two", picked=1, choice="second")]}, {"id": "b", "turns": [turn("Second", "No")]}])
    page.run("URL.createObjectURL = (blob) => { blob.text().then((text) => { window.exported = text; }); return 'data:,'; }; HTMLAnchorElement.prototype.click = () => {};")
    page.click("#open-chats")
    page.press("Export all")
    page.until(lambda: page.run("return window.exported"), "it is exported")
    lines = [json.loads(line) for line in page.run("return exported").splitlines()]
    assert [[m["content"] for m in line["messages"]] for line in lines] == [["First", "Yes", "More", "Two"], ["Second", "No"]], lines
    page.press("Done", "#chats")


def check_tabs(page, name):
    page.keep(current="a", settings={"maxTokens": "6"}, conversations=[{"id": "a", "turns": [turn("First", "Yes")]}])
    here = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    there = page.driver.current_window_handle
    page.driver.get(page.url)
    page.until(lambda: page.texts(".bubble") == ["First"], "the second tab shows the same")
    page.click("#new")
    page.say("From the second tab")
    page.wait_for_end()
    page.driver.switch_to.window(here)
    page.say("From the first tab")
    page.wait_for_end()
    titles = page.run("return JSON.parse(localStorage['caravan.conversations']).map(({ turns }) => turns.map(({ user }) => user))")
    assert titles == [["From the second tab"], ["First", "From the first tab"]], titles
    # Both go on with one conversation before either hears of the other.
    page.run("window.addEventListener('storage', (event) => event.stopImmediatePropagation(), true)")
    page.driver.switch_to.window(there)
    page.click("#open-chats")
    page.run("document.querySelectorAll('#chat-list .title')[1].click()")
    page.until(lambda: len(page.texts(".bubble")) == 2, "the second tab has what the first has written")
    page.say("There")
    page.wait_for_end()
    page.driver.switch_to.window(here)
    page.run("""
        const kept = JSON.parse(localStorage['caravan.conversations']);
        kept[1].revision = 'as another tab would';
        localStorage['caravan.conversations'] = JSON.stringify(kept);""")
    page.say("Here")
    page.wait_for_end()
    titles = page.run("return JSON.parse(localStorage['caravan.conversations']).map(({ turns }) => turns.at(-1).user).sort()")
    assert titles == ["From the second tab", "Here", "There"], titles
    page.driver.switch_to.window(there)
    page.click("#open-chats")
    shown = page.texts(".bubble")
    page.run("[...document.querySelectorAll('#chat-list .quiet')].filter((e) => e.textContent === 'Delete').forEach(() => document.querySelector('#chat-list [aria-label^=Delete]').click())")
    assert shown and page.texts(".turn") == [], "all is deleted"
    page.driver.close()
    page.driver.switch_to.window(here)
    assert page.run("return JSON.parse(localStorage['caravan.conversations']).length") == 0


def check_attempts(page, name):
    models = page.text("#models").split(" and ")
    page.keep(settings={"maxTokens": "20", "mode": "both"})
    page.say("Once upon a time")
    page.wait_for_end()
    first = page.texts(".answer .text")
    page.press("Retry both")
    page.wait_for_end()
    assert page.texts(".attempt .text") == first, (page.texts(".attempt .text"), first)
    assert not any(model in text for model in models for text in page.texts(".turn")), "an attempt tells whose the answers are"
    second = page.texts(".answer .text")
    page.press("Tie")
    page.until(lambda: page.texts(".score"), "the vote is counted")
    page.run("document.querySelector('.attempts').open = true")
    page.shot(f"attempts-{name}")
    page.press("Retry both")
    page.wait_for_end()
    assert page.texts(".attempt .text") == first + second, page.texts(".attempt .text")
    assert "Tie." in page.texts(".attempt .note") and page.texts(".attempts > summary") == ["2 earlier attempts"]
    page.driver.refresh()
    page.until(lambda: len(page.texts(".attempt")) == 2, "attempts are there after a reload")


def check_grid(page, name):
    page.keep(current="a", settings={"mode": "both"}, conversations=[{"id": "a", "turns": [turn("Which?", LONG * 4, LONG * 6)]}])
    found = page.run("""
        const box = (name) => document.querySelector(name).getBoundingClientRect();
        return { asked: box(".asked .bubble").right, left: box(".answers").left, right: box(".answers").right, field: [box(".field").left, box(".field").right] };""")
    assert abs(found["asked"] - found["right"]) < 1 and abs(found["field"][0] - found["left"]) < 1 and abs(found["field"][1] - found["right"]) < 1, (name, found)
    assert not page.run("return document.documentElement.scrollWidth > innerWidth"), name
    page.shot(f"grid-{name}")
