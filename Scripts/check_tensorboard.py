"""Checks that TensorBoard reads a run's event files, and finds in them what the run's metrics.jsonl says.

    python3 -m pip install tensorboard
    python3 Scripts/check_tensorboard.py RUN_FOLDER
"""

import json
import struct
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


run = Path(sys.argv[1])
expected = {}
for line in (run / "metrics.jsonl").read_text().splitlines():
    metrics = json.loads(line)
    step = metrics.pop("step")
    for key, value in metrics.items():
        if isinstance(value, (int, float)):
            tag = "eval/" + key[5:] if key.startswith("eval_") else "train/" + key
            expected.setdefault(tag, []).append((step, float32(value)))

# No tag has more values than 0 keeps: all of them.
events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0}).Reload()
found = {}
for tag in events.Tags()["scalars"]:
    found[tag] = [(event.step, event.value) for event in events.Scalars(tag)]

for tag in sorted(expected | found):
    # As text, so that NaN equals NaN.
    if repr(expected.get(tag)) != repr(found.get(tag)):
        sys.exit(f"{tag}: metrics.jsonl has {expected.get(tag)}, TensorBoard reads {found.get(tag)}")
print(f"{len(found)} tags, {sum(map(len, found.values()))} values agree")
