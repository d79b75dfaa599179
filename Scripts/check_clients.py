"""Checks that the programs people reach models with work unchanged with `caravan serve`: curl, ab, and the packages openai,
langchain-openai, litellm and lm-eval. `make check-clients MODEL=folder` installs the packages and runs this.

    python Scripts/check_clients.py .build/release/caravan FOLDER
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATE = """{% for tool in tools or [] %}{{ tool | tojson }}
{% endfor %}{% for message in messages %}{{ message.role }}: {{ message.content }}{% for call in message.tool_calls or [] %}
{{ call.function.name }} {{ call.function.arguments | tojson }}{% endfor %}
{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"""

program, model = sys.argv[1:]
scripts = Path(__file__).parent
with tempfile.TemporaryDirectory() as folder:
    template = Path(folder, "template.jinja")
    template.write_text(TEMPLATE)
    command = [program, "serve", model, "--port", "0", "--chat-template", str(template), "--allow-origin", "https://a.example"]
    log = open(Path(folder, "log"), "w+")
    server = subprocess.Popen(command, stderr=log)
    try:
        address = None
        for _ in range(600):
            address = re.search(r"http://127\.0\.0\.1:\d+", Path(log.name).read_text())
            if address or server.poll() is not None:
                break
            try:
                server.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
        assert address, Path(log.name).read_text()
        for name in ["http", "openai", "langchain", "litellm", "lm_eval"]:
            subprocess.run(
                [sys.executable, scripts / f"check_{name}_client.py", address[0], model], check=True, timeout=300)
        assert server.poll() is None, "the server ended"
        assert '"status": 500' not in Path(log.name).read_text(), Path(log.name).read_text()
    finally:
        server.terminate()
        server.wait(30)
