"""Measures what `caravan serve` has left for others while it is attacked.

    python Scripts/check_attackers.py .build/release/caravan FOLDER

For each kind of request that takes long to read, two attackers send it over and over, as large as the server allows, while
the health check is asked on new connections; it must answer within 50 ms (the 99th of 100; the machine has other things to do).
Then 500 connections hold bodies that never end. Once they are gone, the server's memory must be within 100 MB of what it was.
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LARGEST = (4 << 20) - 1000
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def chat(content, **fields):
    return {"messages": [{"role": "user", "content": content}], "max_tokens": 1, **fields}


def text(unit):
    return unit * (LARGEST // len(unit.encode()))


def raw(value):
    return json.dumps(value, ensure_ascii=False).encode()


KINDS = {
    "combining marks as a key": ("chat", b'{"' + text("\u0301\u0323").encode() + b'": 1}'),
    "as a role": ("chat", raw({"messages": [{"role": text("\u0301\u0323"), "content": "a"}]})),
    "as content": ("chat", raw(chat(text("\u0301\u0323")))),
    "nested arrays": ("chat", b'{"a": ' + b"[" * LARGEST),
    "nested tools": ("chat", raw(chat("a", tools=[])).replace(b'"tools": []', b'"tools": ' + b"[" * (LARGEST // 2) + b"]" * (LARGEST // 2))),
    "distinct keys": ("chat", b"{" + b",".join(b'"k%d":1' % i for i in range(LARGEST // 12)) + b"}"),
    "the same key": ("chat", b"{" + b",".join([b'"k":1'] * (LARGEST // 6)) + b"}"),
    "numbers": ("chat", b'{"messages": [' + b",".join([b"1e1"] * (LARGEST // 4)) + b"]}"),
    "long number": ("chat", b'{"temperature": ' + b"9" * (LARGEST - 20) + b"}"),
    "messages": ("chat", raw({"messages": [{"role": "user", "content": ""}] * (LARGEST // 32)})),
    "parts": ("chat", raw({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}] * (LARGEST // 32)}]})),
    "one word": ("chat", raw(chat(text("a")))),
    "spaces": ("chat", raw(chat(text(" ")))),
    "line breaks": ("chat", raw(chat(text("x\n")))),
    "unknown characters": ("chat", raw(chat(text("\U0001F9FF")))),
    "special tokens": ("chat", raw(chat(text("</s><s>")))),
    "raw prompt": ("completions", raw({"prompt": text("ab "), "max_tokens": 1})),
    "prompts": ("completions", raw({"prompt": ["a"] * (LARGEST // 5), "max_tokens": 1})),
    "tokens": ("completions", raw({"prompt": [1] * (LARGEST // 3), "max_tokens": 1})),
    "stop strings": ("chat", raw(chat("a", stop=[f"{i}" for i in range(LARGEST // 10)]))),
    "long stop string": ("chat", raw(chat("a", stop=[text("ab")]))),
    "logit bias": ("chat", raw(chat("a", logit_bias={str(i): 1 for i in range(LARGEST // 12)}))),
    "tools": ("chat", raw(chat("a", tools=[{"type": "function", "function": {"name": "f"}}] * (LARGEST // 60)))),
    "input items": ("responses", raw({"input": [{"role": "user", "content": "a"}] * (LARGEST // 36)})),
    "answers": ("chat", raw(chat("a", n=128, max_tokens=256))),
}
PATHS = {"chat": "/v1/chat/completions", "completions": "/v1/completions", "responses": "/v1/responses"}


class Server:
    def __init__(self, program, model, folder):
        template = Path(folder, "template.jinja")
        template.write_text(TEMPLATE)
        self.log = open(Path(folder, "log"), "w+")
        command = [program, "serve", model, "--port", "0", "--chat-template", str(template)]
        self.process = subprocess.Popen(command, stderr=self.log)
        for _ in range(600):
            found = re.search(r"http://127\.0\.0\.1:(\d+)", Path(self.log.name).read_text())
            if found:
                break
            time.sleep(0.1)
        self.port = int(found[1])

    def memory(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def health(self):
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == 200, answer.status
        return time.perf_counter() - began


def attack(server, path, body, stop, statuses):
    while not stop.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        except OSError as error:
            statuses.append(type(error).__name__)
        finally:
            connection.close()


def attacked(server, path, body, seconds=4):
    stop, statuses = threading.Event(), []
    attackers = [threading.Thread(target=attack, args=(server, path, body, stop, statuses)) for _ in range(2)]
    for attacker in attackers:
        attacker.start()
    time.sleep(0.3)
    times = []
    end = time.time() + seconds
    while time.time() < end:
        times.append(server.health())
        time.sleep(0.02)
    stop.set()
    for attacker in attackers:
        attacker.join()
    return sorted(times), statuses


def hold(server, count):
    """Connections with bodies that stop a kilobyte before their end, from several addresses."""
    held = []
    head = f"POST {PATHS['chat']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {LARGEST}\r\n\r\n"
    body = bytes(LARGEST - 1000)
    for index in range(count):
        connection = socket.socket()
        connection.bind((f"127.0.0.{2 + index // 200}", 0))
        connection.settimeout(1)
        try:
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(head.encode())
            connection.sendall(body)
        except OSError:
            pass
        held.append(connection)
    return held


program, model = sys.argv[1:]
failed = []
with tempfile.TemporaryDirectory() as folder:
    server = Server(program, model, folder)
    try:
        for _ in range(20):
            server.health()
        print(f"{'request':26} {'median':>8} {'99th':>8} {'most':>8}   answers")
        for name, (path, body) in KINDS.items():
            times, statuses = attacked(server, PATHS[path], body)
            middle, late, most = (1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.99, 1))
            counts = ", ".join(f"{statuses.count(status)} x {status}" for status in sorted(set(statuses), key=str))
            print(f"{name:26} {middle:6.1f}ms {late:6.1f}ms {most:6.1f}ms   {counts}", flush=True)
            if late > 50:
                failed.append(name)
        before = server.memory()
        held = hold(server, 500)
        during = server.memory()
        late = max(server.health() for _ in range(50))
        for connection in held:
            connection.close()
        time.sleep(3)
        after = server.memory()
        print(f"500 held bodies: {before:.0f} MB before, {during:.0f} with them, {after:.0f} after; health within {1000 * late:.1f} ms")
        if after > before + 100:
            failed.append("held bodies")
        assert server.process.poll() is None, "the server ended"
    finally:
        server.process.terminate()
        began = time.time()
        server.process.wait(30)
        print(f"ended {time.time() - began:.1f} s after SIGTERM")
assert not failed, failed
