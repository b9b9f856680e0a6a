"""gunicorn, embedded: a master and its workers in one process group, several threads each, no address ever logged."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from kaikukortti.logs import Discreet

THREADS = 8


class Application(BaseApplication):  # type: ignore[misc]
    """The register as gunicorn runs it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        application = get_wsgi_application()
        _ = get_resolver().url_patterns  # read before the workers part, so that they share it
        # A connection must not be shared between processes.
        connections.close_all()
        return application


class _NoAddress(logging.Filter):
    """gunicorn tells the request line of what it could not read or handle; a code may stand in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = str(record.msg)
        if text.startswith(("Error handling request", "Invalid request")):
            record.msg, record.args = text.split(" from ")[0].split(" %s")[0], ()
        return True


class QuietLogger(Logger):  # type: ignore[misc]
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Discreet("{asctime} {levelname} {name} {message}", style="{"))
            handler.addFilter(_NoAddress())


def _worker_exit(server: Any, worker: Any) -> None:
    """What was gathered in memory is written before a worker goes."""
    from kaikukortti.actions.look_ups import gathered  # models are there by then; this module can be read without

    gathered.write()


def options(*, host: str, port: int, workers: int) -> dict[str, Any]:
    address = f"[{host}]" if ":" in host else host
    chosen = {
        "bind": f"{address}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 30,
        "keepalive": 65,
        "preload_app": True,
        "proc_name": "kaikukortti",
        "accesslog": None,  # kaikukortti.requests tells each request by its route
        "loglevel": "warning",
        "logger_class": QuietLogger,
        "control_socket_disable": True,
        "worker_exit": _worker_exit,
    }
    shared_memory = Path("/dev/shm")  # nosec B108: a heartbeat file of gunicorn's own, which never waits for a disk there
    if shared_memory.is_dir():
        chosen["worker_tmp_dir"] = str(shared_memory)
    return chosen


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until told to stop."""
    Application(options(host=host, port=port, workers=workers)).run()
