"""Checks that curl and ab (of apache2-utils) get their answers at once: `check_http_client.py http://127.0.0.1:8080`."""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

address = sys.argv[1]


def output(*command: str) -> str:
    start = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    seconds = time.monotonic() - start
    # A client that waits for '100 Continue', or for a connection to close, waits a second or more.
    assert seconds < 0.9, f"{seconds:.1f} s: {' '.join(command)}"
    return result


def curl(path: str, *options: str) -> tuple[int, str]:
    body, status = output("curl", "-s", "-w", "\n%{http_code}", address + path, *options).rsplit("\n", 1)
    return int(status), body


with tempfile.TemporaryDirectory() as folder:
    small, large = Path(folder, "small"), Path(folder, "large")
    small.write_text(json.dumps({"prompt": "Once upon a time", "max_tokens": 4, "temperature": 0}))
    large.write_text(small.read_text() + " " * (2 << 20))
    post = ["-H", "Content-Type: application/json", "--data-binary"]
    status, body = curl("/v1/completions", *post, f"@{large}")
    assert status == 200, body
    text = json.loads(body)["choices"][0]["text"]
    assert text[0] in " ,.", repr(text)
    assert curl("//v1/completions", *post, f"@{small}")[0] == 200
    assert curl("/v1/completions", "-0", *post, f"@{small}")[0] == 200
    assert curl("/v1/completions", "-H", "Content-Encoding: gzip", *post, f"@{small}")[0] == 415
    assert curl("/health", "-H", "X: " + "a" * 60_000)[0] == 431
    ask = ["-X", "OPTIONS", "-H", "Access-Control-Request-Method: POST", "-H"]
    assert curl("/v1/completions", *ask, "Origin: https://a.example")[0] == 204
    assert curl("/v1/completions", *ask, "Origin: https://b.example")[0] == 403
    for keep in [[], ["-k"]]:
        report = output(
            "ab", "-q", *keep, "-n", "20", "-c", "2", "-p", str(small), "-T", "application/json", address + "/v1/completions")
        assert re.search(r"Complete requests: +20\b", report) and "Non-2xx" not in report, report
        assert re.search(r"Failed requests: +0\b", report), report
print("curl and ab work:", repr(text))
