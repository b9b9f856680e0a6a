"""The files that pages load: gathered under the data folder when they have changed, checksums in their names."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STAMP = "static.stamp"


def _state() -> str:
    """What there is to gather, told by names, sizes and times."""
    lines = [str(settings.STORAGES["staticfiles"]["BACKEND"])]
    for finder in get_finders():
        for path, storage in finder.list([]):
            about = Path(storage.path(path)).stat()
            lines.append(f"{path} {about.st_size} {about.st_mtime_ns}")
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def gather_if_stale() -> bool:
    """Gather them unless nothing has changed; says whether it did."""
    root = Path(settings.STATIC_ROOT)
    stamp = root.parent / STAMP
    state = _state()
    if stamp.exists() and stamp.read_text() == state and root.exists():
        return False
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)
    return True
