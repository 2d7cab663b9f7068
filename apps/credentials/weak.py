"""Warns of secrets that masking cannot hide well where they come back."""

from apps.credentials.edit import Values
from apps.engine.errors import Fault
from apps.engine.masking import SHORTEST
from apps.nodes.credential_types import CREDENTIAL_TYPES

LONGEST_WORD = 24

ADVICE = (
    f"Best {SHORTEST} characters or more, neither digits alone nor one plain word: "
    "else it cannot be masked well where it comes back."
)
"""What to say before a secret is entered."""
_SENTENCES = {
    "secret_short": f"With fewer than {SHORTEST} characters it is not masked where it comes back.",
    "secret_digits": "Of digits alone it is not masked where another digit stands beside it.",
    "secret_word": "It is one plain word, which is masked wherever it stands in a run’s data.",
}


def weak_secrets(type: str, entered: Values) -> list[Fault]:
    """What to tell of the secrets that somebody has just entered.

    Of stored ones nothing is told: who may change a credential need not know them.
    """
    named = CREDENTIAL_TYPES[type].named_secrets(entered)
    found = ((name, _weakness(text.strip())) for name, text in named if text)
    return [Fault(f"values.{name}", code, _SENTENCES[code]) for name, code in found if code]


def _weakness(secret: str) -> str:
    if len(secret) < SHORTEST:
        return "secret_short"
    if secret.isdecimal():
        return "secret_digits"
    is_word = secret.isalpha() and (secret[1:].islower() or secret.isupper())
    return "secret_word" if is_word and len(secret) <= LONGEST_WORD else ""
