"""The production server: `python manage.py serve [--port N] [--workers N] [--host ADDRESS]`."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from kaikukortti.management.server import THREADS, serve
from kaikukortti.management.start import reasons_not_to_start
from kaikukortti.management.static_files import gather_if_stale


def _refuse_port(host: str, port: int) -> str | None:
    """Asked before anything is loaded: a clear sentence instead of a server that tries and tries."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another with --port."
    return None


class Command(BaseCommand):
    help = "Serve the register. Refuses to start when something would put data or records at risk, and says what."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument(
            "--workers", type=int, default=os.cpu_count() or 1, help=f"processes, of {THREADS} threads each"
        )

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        reasons = reasons_not_to_start(host)
        if not reasons:
            reasons = [reason for reason in [_refuse_port(host, port)] if reason]
        if reasons:
            raise CommandError("The register does not start.\n" + "\n".join(f"- {reason}" for reason in reasons))
        connections.close_all()
        if gather_if_stale():
            self.stderr.write("The files that pages load were gathered anew.")
        self.stderr.write(f"Serving on http://{host}:{port} ({workers} × {THREADS} threads)")
        serve(host=host, port=port, workers=workers)
