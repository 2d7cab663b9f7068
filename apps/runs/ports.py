"""Binds what the lower floors declare to this product: egress policy, limits, sandbox, vault."""

from django.conf import settings

from apps.credentials.vault import Vault
from apps.expressions.sandbox import Limits, Sandbox
from apps.nodes.context import Services, bind
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.http import HttpLimits
from apps.runs.children import DatabaseRuns
from apps.runs.files import DatabaseFiles
from apps.runs.links import Links
from apps.runs.mailer import DjangoMailer
from apps.runs.seen import DatabaseMemory


def bind_services() -> None:
    """Give the node library of this process its services. The sandbox starts on first use."""
    bind(
        Services(
            egress=EgressPolicy(settings.EGRESS_ALLOW),
            sandbox=Sandbox(),
            http=HttpLimits(
                response_bytes=settings.MAX_RESPONSE_BYTES,
                step_bytes=4 * settings.MAX_STEP_OUTPUT_BYTES,
                insecure_tls=settings.ALLOW_INSECURE_TLS,
            ),
            credentials=Vault(),
            mailer=DjangoMailer(),
            files=DatabaseFiles(),
            file_bytes=settings.MAX_FILE_BYTES,
            other_runs=DatabaseRuns(),
            memory=DatabaseMemory(),
            addresses=Links(),
            environment=settings.EXPRESSION_ENV,
            expression_limits=Limits(
                wall_s=settings.EXPRESSION_S, memory_mb=settings.EXPRESSION_BYTES // 2**20
            ),
            code_limits=Limits(
                wall_s=settings.TRANSFORM_S, memory_mb=settings.TRANSFORM_BYTES // 2**20
            ),
        )
    )
