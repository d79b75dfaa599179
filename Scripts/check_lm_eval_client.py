"""Checks that lm-evaluation-harness' `local-completions` works unchanged with `caravan serve`, scores and answers:
`check_lm_eval_client.py http://127.0.0.1:8080 FOLDER`."""

import math
import sys
from importlib.metadata import version

from lm_eval.api.instance import Instance
from lm_eval.models.openai_completions import LocalCompletionsAPI

name = sys.argv[2].rstrip("/").rsplit("/", 1)[-1]
model = LocalCompletionsAPI(
    base_url=sys.argv[1] + "/v1/completions", model=name, tokenizer=sys.argv[2], tokenizer_backend="huggingface",
    max_length=256, batch_size=4, max_retries=1)


def requests(kind: str, *arguments):
    return [Instance(kind, {}, a, 0, ("task", 0, 1)) for a in arguments]


story = "Once upon a time"
text, = model.generate_until(requests("generate_until", (story, {"until": ["."], "max_gen_toks": 16})))
assert text[0] in " ,", repr(text)
greedy, other = model.loglikelihood(requests("loglikelihood", (story, text), (story, " dragons and more dragons")))
assert greedy[1] and not other[1] and 0 > greedy[0] > other[0] > -math.inf, (greedy, other)
rolling, = model.loglikelihood_rolling(requests("loglikelihood_rolling", (story + text,)))
assert -math.inf < rolling < greedy[0], rolling
print("lm-eval", version("lm-eval"), "works:", repr(text), greedy, other, rolling)
