"""The data-flow picture and its table: what goes from whom to whom. One row here is one arrow there."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import hypot

from django.utils.functional import Promise
from django.utils.translation import gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Box:
    """Somebody or something that holds data; x and y are its middle."""

    name: Text
    x: int
    y: int
    ours: bool = False
    width: int = 210
    height: int = 76


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one box to another, and what protects it. `bend` keeps arrows of one pair apart."""

    start: str
    end: str
    what: Text
    guard: Text
    bend: int = 0


BOXES: dict[str, Box] = {
    "holder": Box(pgettext_lazy("flow", "Holder of a card"), 130, 330),
    "phone": Box(pgettext_lazy("flow", "The holder's phone"), 130, 560),
    "issuer": Box(pgettext_lazy("flow", "Workplace that gives cards"), 130, 90),
    "register": Box(pgettext_lazy("flow", "The register"), 500, 330, ours=True, height=110),
    "venue": Box(pgettext_lazy("flow", "Venue or ticket agent"), 870, 330),
    "coordinator": Box(pgettext_lazy("flow", "Coordinator, national service"), 870, 90),
    "public": Box(pgettext_lazy("flow", "Published figures"), 870, 560),
    "operator": Box(pgettext_lazy("flow", "Whoever runs the servers"), 500, 560),
}

TLS = _("encrypted connection; the worker signs in with two factors where a card's row is shown")
FLOWS: tuple[Flow, ...] = (
    Flow(
        "holder",
        "issuer",
        _("birth year, postal code or municipality, number of children; voluntary answers"),
        _("told by the holder; nothing else is asked, no proof is kept"),
        40,
    ),
    Flow("issuer", "holder", _("the card, and its secret on a slip of its own"), _("in the hand"), 40),
    Flow("issuer", "register", _("the card's code with what the holder told"), TLS, 30),
    Flow(
        "register",
        "issuer",
        _("state and data of the workplace's own cards; print files of new cards, once"),
        _("never a use; the codes stand in clear in that file only"),
        30,
    ),
    Flow("holder", "venue", _("the card, shown"), _("no identity is typed in"), 105),
    Flow(
        "venue",
        "register",
        _("the code, what was given, how many tickets"),
        _("encrypted connection; one workplace's sign-in or token"),
        30,
    ),
    Flow(
        "register",
        "venue",
        _("allowed or why not, places for children, assistant"),
        _("no data of the holder, no issuer, no history"),
        30,
    ),
    Flow("holder", "register", _("serial number or code, and the secret"), _("slowed down after wrong tries"), 30),
    Flow(
        "register",
        "holder",
        _("own data, own uses, who looked"),
        _("code and secret together; the code alone opens nothing"),
        30,
    ),
    Flow(
        "register",
        "phone",
        _("code, last valid day, places for children"),
        _("one-time link; removable; as good as a copied paper card"),
    ),
    Flow(
        "register",
        "coordinator",
        _("figures; dates of one card by serial; one use by its reference"),
        _("each look stands in the audit trail"),
    ),
    Flow("register", "public", _("sums without persons"), _("published table only")),
    Flow(
        "register",
        "operator",
        _("backups; log lines without personal data; anchors of the audit trail"),
        _("keys are kept apart from the backups"),
    ),
)


def table() -> Iterator[tuple[int, str, str, str, str]]:
    """Number, from, to, what, and what protects it, in the active language."""
    for number, flow in enumerate(FLOWS, start=1):
        start, end = BOXES[flow.start].name, BOXES[flow.end].name
        yield number, str(start), str(end), str(flow.what), str(flow.guard)


def picture(language: str) -> str:
    """The picture as SVG, with its title and, for who does not see it, every arrow in words."""
    with override(language):
        title = gettext("Where personal data goes")
        told = "; ".join(f"{number}. {start} → {end}: {what}" for number, start, end, what, _guard in table())
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 650" role="img" lang="{language}"'
            ' font-family="Helvetica, Arial, sans-serif" font-size="17">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(told)}</desc>",
            '<rect width="1000" height="650" fill="#fff"/>',
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
            ' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#222"/></marker></defs>',
            *(_curve(flow) for flow in FLOWS),
            *(_number(number, flow) for number, flow in enumerate(FLOWS, start=1)),
            *(_box(box) for box in BOXES.values()),
            "</svg>\n",
        ]
        return "\n".join(parts)


def _box(box: Box) -> str:
    fill, ink = ("#222", "#fff") if box.ours else ("#fff", "#111")
    left, top = box.x - box.width // 2, box.y - box.height // 2
    lines = list(_wrapped(str(box.name)))
    first = box.y + 6 - (len(lines) - 1) * 11
    words = "".join(
        f'<text x="{box.x}" y="{first + place * 22}" text-anchor="middle" fill="{ink}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    place = f'x="{left}" y="{top}" width="{box.width}" height="{box.height}"'
    return f'<rect {place} rx="4" fill="{fill}" stroke="#222" stroke-width="2"/>{words}'


def _wrapped(name: str, most: int = 22) -> Iterator[str]:
    line = ""
    for word in name.split():
        if line and len(line) + len(word) >= most:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


Point = tuple[float, float]


def _bow(flow: Flow) -> tuple[Point, Point, Point]:
    """A curve's start, the point that pulls it, and its end; it bends to the left as one walks, so that both ways of a
    pair stay apart."""
    start, end = BOXES[flow.start], BOXES[flow.end]
    length = hypot(end.x - start.x, end.y - start.y)
    across = ((end.y - start.y) / length, -(end.x - start.x) / length)
    middle = ((start.x + end.x) / 2 + across[0] * flow.bend * 2, (start.y + end.y) / 2 + across[1] * flow.bend * 2)
    return _edge(start, middle), middle, _edge(end, middle)


def _curve(flow: Flow) -> str:
    first, middle, last = (f"{x:.0f} {y:.0f}" for x, y in _bow(flow))
    return f'<path d="M{first}Q{middle} {last}" fill="none" stroke="#222" stroke-width="2" marker-end="url(#tip)"/>'


def _number(number: int, flow: Flow) -> str:
    """The arrow's number, where the curve is at its half."""
    first, middle, last = _bow(flow)
    x, y = ((a + 2 * b + c) / 4 for a, b, c in zip(first, middle, last, strict=True))
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="14" fill="#fff" stroke="#222" stroke-width="1.5"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="15">{number}</text>'
    )


def _edge(box: Box, towards: Point) -> Point:
    """Where the line from a box's middle leaves the box."""
    dx, dy = towards[0] - box.x, towards[1] - box.y
    scale = min(
        (box.width / 2) / abs(dx) if dx else float("inf"),
        (box.height / 2) / abs(dy) if dy else float("inf"),
    )
    return box.x + dx * min(scale, 1), box.y + dy * min(scale, 1)
