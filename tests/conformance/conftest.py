"""Prints at the end how many cases of each set came out as they must."""

from collections.abc import Callable

import pytest

from tests.conformance.scores import Score, score

Scorer = Callable[[str, str], Score]


@pytest.fixture
def scored(record_property: Callable[[str, object], None]) -> Scorer:
    """Ask an adapter all cases of a file, and keep the score for the summary."""

    def ask(vectors: str, adapter: str) -> Score:
        found = score(vectors, adapter)
        record_property("score", f"{found.right:>5} of {found.count:<5} {vectors}")
        return found

    return ask


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    scores = {
        value for report in reports for name, value in report.user_properties if name == "score"
    }
    if scores:
        terminalreporter.section("conformance")
    for line in sorted(scores, key=lambda line: line.split()[3]):
        terminalreporter.write_line(line)
