"""Checks that Caravan and huggingface_hub share a cache.

    swift build --product caravan
    python Scripts/check_hub_cache.py .build/debug/caravan

Serves a model and a data set on this machine as the hub would, fetches them with `caravan download` and with
huggingface_hub into a cache each, and compares every name, link and byte. Then huggingface_hub must find in Caravan's
cache what it looks for, and Caravan in huggingface_hub's, without a server. Needs huggingface_hub 1.0 or newer.
"""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = bytes(range(256)) * 20_000
REPOSITORIES = {
    "models/owner/model": {
        "config.json": b"{}\n",
        "model.safetensors": WEIGHTS,
        "README.md": b"# A model\n",
        "sub/deep/copy.bin": WEIGHTS,
        "sub/empty": b"",
    },
    "datasets/owner/data": {
        "data/train-00000-of-00001.jsonl": b'{"prompt": "a", "chosen": "b", "rejected": "c"}\n',
        "README.md": b"# Data\n",
    },
}


def git_hash(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entry(path, content):
    """What the hub says of a file; large files are not kept in git."""
    entry = {"size": len(content), "oid": git_hash(content)}
    if len(content) > 100_000:
        entry["oid"] = git_hash(path.encode())
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return entry


class Hub(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def reply(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        for name, files in REPOSITORIES.items():
            page = "/" + name.removeprefix("models/")
            if path.startswith(f"/api/{name}/revision/"):
                siblings = []
                for file, content in files.items():
                    known = entry(file, content)
                    lfs = known.get("lfs")
                    sibling = {"rfilename": file, "size": known["size"], "blobId": known["oid"]}
                    if lfs:
                        sibling["lfs"] = {"sha256": lfs["oid"], "size": lfs["size"], "pointerSize": 134}
                    siblings.append(sibling)
                answer = {"id": name.split("/", 1)[1], "sha": COMMIT, "siblings": siblings}
                return self.reply(json.dumps(answer).encode(), Content_Type="application/json")
            if path.startswith(f"/api/{name}/tree/"):
                tree = [{"type": "file", "path": file, **entry(file, content)} for file, content in files.items()]
                return self.reply(json.dumps(tree).encode(), Content_Type="application/json")
            prefix = f"{page}/resolve/{COMMIT}/"
            if path.startswith(prefix) and path.removeprefix(prefix) in files:
                file = path.removeprefix(prefix)
                known = entry(file, files[file])
                etag = known["lfs"]["oid"] if "lfs" in known else known["oid"]
                return self.reply(
                    files[file], ETag=f'"{etag}"', X_Repo_Commit=COMMIT, X_Linked_Size=str(len(files[file]))
                )
        self.reply(b"", 404, X_Error_Code="RepoNotFound")


def caravan(program, cache, endpoint, *arguments, **environment):
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HUB_CACHE": str(cache), **environment}
    run = subprocess.run([program, "download", *arguments], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return Path(run.stdout.removesuffix("\n"))


def contents(cache):
    """Every file and link of the repositories in a cache, by its path."""
    found = {}
    for path in sorted(cache.glob("*--*/**/*")):
        if path.is_symlink():
            found[str(path.relative_to(cache))] = os.readlink(path)
        elif path.is_file():
            content = path.read_bytes()
            found[str(path.relative_to(cache))] = json.loads(content) if path.parent.name == "trees" else content
    return found


def main(program):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    os.environ.update(HF_ENDPOINT=endpoint, HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1")
    # Only now: it reads the environment when it is loaded.
    from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache

    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "caravan"), Path(folder, "python")
        model = caravan(program, ours, endpoint, "owner/model", "--include", "*")
        data = caravan(program, ours, endpoint, "owner/data", "--dataset")
        for kind, name in (("model", "owner/model"), ("dataset", "owner/data")):
            snapshot_download(name, repo_type=kind, cache_dir=theirs)
        difference = {key for key in contents(ours) | contents(theirs) if contents(ours).get(key) != contents(theirs).get(key)}
        assert not difference, f"the caches differ in {difference}"
        print(f"{len(contents(ours))} files and links are the same in both caches")

        scan = scan_cache_dir(ours)
        assert not scan.warnings, scan.warnings
        found = {(repo.repo_type, repo.repo_id): repo for repo in scan.repos}
        assert set(found) == {("model", "owner/model"), ("dataset", "owner/data")}, set(found)
        (revision,) = found["model", "owner/model"].revisions
        assert revision.commit_hash == COMMIT and revision.refs == {"main"} and len(revision.files) == 5
        for kind, snapshot, name in (("model", model, "owner/model"), ("dataset", data, "owner/data")):
            for file, content in REPOSITORIES[f"{kind}s/{name}"].items():
                expected = str(snapshot / file)
                options = {"cache_dir": ours, "repo_type": kind}
                assert try_to_load_from_cache(name, file, **options) == expected
                assert hf_hub_download(name, file, local_files_only=True, **options) == expected
                assert Path(expected).read_bytes() == content
            assert snapshot_download(name, repo_type=kind, cache_dir=ours, local_files_only=True) == str(snapshot)
        print("huggingface_hub finds what caravan fetched")

        # A cache that huggingface_hub wrote, and a partial one whose rest caravan does not have.
        offline = {"HF_HUB_OFFLINE": "1"}
        place = caravan(program, theirs, endpoint, "owner/model", "--include", "*", **offline)
        assert place == theirs / "models--owner--model" / "snapshots" / COMMIT
        print("caravan finds what huggingface_hub fetched")

        # Both at once into one cache.
        both = Path(folder, "both")
        runs = [threading.Thread(target=caravan, args=(program, both, endpoint, "owner/model", "--include", "*")) for _ in "ab"]
        runs.append(threading.Thread(target=snapshot_download, args=("owner/model",), kwargs={"cache_dir": both}))
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        expected = {key: value for key, value in contents(ours).items() if key.startswith("models--")}
        assert contents(both) == expected, set(contents(both)) ^ set(expected)
        print("three at once left one whole cache")


if __name__ == "__main__":
    main(*sys.argv[1:])
