"""Signatures of webhooks: `python -m tests.conformance.signatures`.

Reads JSON lines `{"id", "in": {"scheme", "secret", "body", "headers", "now"?, "tolerance"?}}` and
writes `{"id", "got"}`: whether the request is believed.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from apps.nodes.webhooks.signatures import SCHEMES, TOLERANCE_S, SignatureError, Signed


def answer(asked: Mapping[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    signed = Signed(
        headers, asked["body"].encode(), asked.get("now", 0), asked.get("tolerance", TOLERANCE_S)
    )
    try:
        SCHEMES[asked["scheme"].replace("-", "_")](signed, [asked["secret"]])
    except SignatureError:
        return False
    return True


def main() -> None:
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps({"id": case["id"], "got": answer(case["in"])}), flush=True)


if __name__ == "__main__":
    main()
