"""Runs under way while something happens to those who execute them."""

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.integration.witness import Witness


class Crowd:
    """Busy runs, watched by a witness."""

    def __init__(self, cluster: Cluster, effects: EffectServer, count: int = 10) -> None:
        self.cluster = cluster
        self.expected = flows.busy("busy", effects)[1]
        self.witness = Witness(cluster, effects)
        self.runs = [cluster.hook("busy", {"n": n}) for n in range(count)]
        self.witness.watch(self.runs)

    def is_over(self) -> bool:
        """Whether all have ended."""
        [[left]] = self.cluster.rows(
            "SELECT count(*) FROM runs WHERE id = ANY(%s) AND finished_at IS NULL", self.runs
        )
        return left == 0

    def judge(self, disturbances: int, *, may_leave_late: bool = False) -> None:
        """Wait for the end of all, and hold it against what was seen and promised."""
        for run in self.runs:
            self.cluster.ended(run)
        self.witness.wait()
        for run in self.runs:
            self.witness.judge(run, self.expected, disturbances, may_leave_late=may_leave_late)
