"""How much one call of the sandbox may use."""

from dataclasses import dataclass
from typing import Final, Literal

from apps.expressions.errors import JavaScriptError


@dataclass(frozen=True)
class Limits:
    """Time (CPU time for the engine, wall time for the parent), memory, and size of the answer."""

    wall_s: float = 10.0
    memory_mb: int = 256
    output_mb: int = 32

    def exceeded(
        self, code: Literal["js_timeout", "js_memory", "js_output_too_large"]
    ) -> JavaScriptError:
        """Make the error that says which limit was reached."""
        message = {
            "js_timeout": f"The JavaScript ran longer than {self.wall_s:.3g} s.",
            "js_memory": f"The JavaScript needed more than {self.memory_mb} MB of memory.",
            "js_output_too_large": f"The JavaScript's result is over {self.output_mb} MB.",
        }[code]
        return JavaScriptError(code, message)


DEFAULT_LIMITS: Final = Limits()
