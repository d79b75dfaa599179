"""Checks that `caravan upload` asks the hub for the same as huggingface_hub, and makes the same commit.

    python Scripts/check_upload.py .build/release/caravan

Both upload one folder to a server on this machine that answers as the hub does and notes what it was asked; large files go in
parts. Needs huggingface_hub.
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

PART = 100_000
COMMIT = "0" * 39 + "1"


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def log_message(self, *arguments):
        pass

    def reply(self, value, status=200, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        self.reply({"sha": COMMIT, "siblings": [], "private": True, "id": "o/n", "name": "o", "type": "user"})

    do_HEAD = do_GET

    def do_PUT(self):
        body = self.body()
        self.seen.append(("PUT", self.path, hashlib.sha256(body).hexdigest()))
        self.reply({}, headers=[("ETag", f'"{hashlib.md5(body).hexdigest()}"')])

    def do_POST(self):
        body = self.body()
        path = self.path.split("?")[0]
        lines = [json.loads(line) for line in body.splitlines()] if "/commit/" in path else [json.loads(body)]
        self.seen.append(("POST", path, lines))
        host = f"http://{self.headers['Host']}"
        if "preupload" in path:
            files = [
                {"path": f["path"], "uploadMode": "lfs" if f["size"] > PART // 2 else "regular", "shouldIgnore": False}
                for f in lines[0]["files"]
            ]
            return self.reply({"files": files})
        if path.endswith("/batch"):
            objects = []
            for wanted in lines[0]["objects"]:
                oid, size = wanted["oid"], wanted["size"]
                header, place = {}, f"{host}/store/{oid}"
                if size > PART:
                    header = {f"{n + 1:05}": f"{host}/part/{oid}/{n + 1}" for n in range(-(-size // PART))}
                    header["chunk_size"] = str(PART)
                    place = f"{host}/complete/{oid}"
                actions = {"upload": {"href": place, "header": header}, "verify": {"href": f"{host}/verify/{oid}"}}
                objects.append({"oid": oid, "size": size, "actions": actions})
            return self.reply({"transfer": "multipart", "objects": objects})
        if "/commit/" in path:
            return self.reply({"commitOid": "0" * 39 + "2", "commitUrl": f"{host}/o/n/commit/{'0' * 39}2"})
        if path.endswith("/validate-yaml"):
            return self.reply({"errors": [], "warnings": []})
        self.reply({"url": f"{host}/o/n", "exists": True})


def gathered(seen):
    """What was asked, in an order that does not depend on which file went first, and without what may differ."""
    modes, objects, sent, finished, commits = {}, set(), set(), {}, []
    for method, path, content in seen:
        if method == "PUT":
            sent.add((path, content))
        elif "preupload" in path:
            modes |= {f["path"]: (f["size"], f["sample"]) for f in content[0]["files"]}
        elif path.endswith("/batch"):
            request = content[0]
            objects |= {(o["oid"], o["size"], request["operation"], request["hash_algo"]) for o in request["objects"]}
        elif path.startswith(("/complete/", "/verify/")):
            finished[path] = content[0]
        elif "/commit/" in path:
            lines = [line for line in content if line["key"] != "header"]
            commits.append((path, sorted(lines, key=lambda line: line["value"]["path"])))
    return {"modes": modes, "objects": objects, "sent": sent, "finished": finished, "commits": commits}


def main():
    os.environ |= {"HF_HUB_DISABLE_XET": "1", "HF_TOKEN": "hf_test", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
    import huggingface_hub

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "model"
        (folder / "sub").mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(bytes(i * i % 251 for i in range(250_000)))
        (folder / "middle.bin").write_bytes(b"m" * 80_000)
        (folder / "config.json").write_text("{}")
        (folder / "sub" / "ünï cödé.txt").write_text("text\n")
        (folder / "empty.txt").write_text("")
        huggingface_hub.upload_folder(folder_path=folder, repo_id="o/n")
        theirs = gathered(Hub.seen)
        Hub.seen.clear()
        os.environ["HF_HOME"] = name + "/home"
        subprocess.run([sys.argv[1], "upload", str(folder), "o/n"], check=True, stdout=subprocess.DEVNULL)
        ours = gathered(Hub.seen)
    for part, value in theirs.items():
        print(part, "equal" if ours[part] == value else f"DIFFERENT\n  theirs {value}\n  ours   {ours[part]}")
    sys.exit(ours != theirs)


main()
