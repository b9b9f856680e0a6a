"""A workplace's tills as its people see them: which, how they are, and what wants a look first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.devices import stop_now
from kaikukortti.models import Device, Workplace
from kaikukortti.rules.devices import QUIET
from kaikukortti.terms.devices import DeviceKind, DeviceStop

# A stopped till is listed so long, or while rows of it wait.
LISTED = timedelta(days=30)
MOST = 200


class State(Enum):
    """What is said of a device, in one word."""

    AT_WORK = "at-work"
    NOT_ENROLLED = "not-enrolled"
    CODE_OVER = "code-over"
    STOPPED = "stopped"


WORDS: dict[State, str | Promise] = {
    State.AT_WORK: _("in use"),
    State.NOT_ENROLLED: _("waits for its phone or browser"),
    State.CODE_OVER: _("the code ran out unused"),
    State.STOPPED: _("out of use"),
}
WHY: dict[DeviceStop, str | Promise] = {
    DeviceStop.REVOKED: _("It was taken out of use."),
    DeviceStop.COPIED: _(
        "Its contents were used on another device too. Both have been stopped. Make a new code if the till is needed."
    ),
    DeviceStop.PIN: _("The PIN was wrong ten times in a row. If it was one of you, make a new code."),
    DeviceStop.ENDED: _("Its event is over."),
}


@dataclass(frozen=True)
class Face:
    """One device with what is said of it. `look` says why it is shown first."""

    device: Device
    state: State
    stop: DeviceStop | None
    rows: int
    quiet: bool

    @property
    def word(self) -> str:
        return str(WORDS[self.state])

    @property
    def why(self) -> str:
        return str(WHY[self.stop]) if self.stop else ""

    @property
    def gate(self) -> bool:
        return self.device.kind == DeviceKind.GATE

    @property
    def waits(self) -> bool:
        """Whether rows were on it when it was last heard of."""
        return self.device.waiting > 0

    @property
    def look(self) -> bool:
        return bool(self.rows) or (self.state == State.AT_WORK and (self.quiet or self.waits))

    @property
    def revocable(self) -> bool:
        return self.state in (State.AT_WORK, State.NOT_ENROLLED)


def face_of(device: Device, *, rows: int, now: datetime) -> Face:
    stop = stop_now(device, now=now)
    if stop is not None:
        state = State.STOPPED
    elif device.enrolled_at is not None:
        state = State.AT_WORK
    else:
        state = State.NOT_ENROLLED if device.code_expires_at > now else State.CODE_OVER
    heard = device.last_seen_at or device.made_at
    return Face(device, state, stop, rows, quiet=state == State.AT_WORK and now - heard > QUIET)


def faces(workplace: Workplace, *, now: datetime) -> list[Face]:
    """The workplace's devices in one statement: those that want a look first, then those at work, then the rest."""
    waiting = Count("quarantined", filter=Q(quarantined__settled_at__isnull=True))
    devices: Iterable[Device] = (
        Device.objects.of(workplace)
        .filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=now - LISTED) | Q(quarantined__settled_at__isnull=True))
        .select_related("workplace", "offering", "stopped_by")
        .annotate(rows_waiting=waiting)
        .order_by("-made_at", "label")[:MOST]
    )
    found = [face_of(one, rows=getattr(one, "rows_waiting", 0), now=now) for one in devices]
    return [
        face
        for face in sorted(found, key=lambda face: (not face.look, list(State).index(face.state)))
        if face.state != State.CODE_OVER or now - face.device.made_at < timedelta(days=1)
    ]
