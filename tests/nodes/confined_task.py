"""The task of test_confined.py. Its process imports this file, which is why it imports little."""

import os
import time
from typing import Any

from apps.engine.errors import NodeError
from apps.engine.items import Json

TASK = f"{__name__}:told"


def told(arguments: Any, content: bytes) -> Json:
    match arguments:
        case "pid":
            return os.getpid()
        case "environment":
            return dict(os.environ)
        case "raise":
            raise NodeError("named", "What is wrong.", "What helps.")
        case "break":
            raise KeyError("secret")
        case "memory":
            return len(b"x" * (4 << 30))
        case "recursion":
            return told(arguments, content)
        case "sleep":
            time.sleep(60)
        case "die":
            os._exit(3)
        case "huge":
            return "x" * (65 << 20)
    return [arguments, content.decode()]
