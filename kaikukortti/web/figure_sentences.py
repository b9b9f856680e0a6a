"""Figures in one sentence, computed from the rows: what a chart shows, said before it is drawn (A13)."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.figures.own_counts import IssuerCounts, RecorderCounts
from kaikukortti.figures.yearly import YearRow
from kaikukortti.templatetags.look import local_date, local_number
from kaikukortti.terms.kinds import Sector

# Change in per cent, from–to, as people say it; what fits none of these is said in per cent.
MORE: tuple[tuple[float, float, str | Promise], ...] = (
    (8, 12, _("about a tenth more than in {year}")),
    (18, 22, _("about a fifth more than in {year}")),
    (22, 28, _("about a quarter more than in {year}")),
    (30, 37, _("about a third more than in {year}")),
    (45, 55, _("about half as many again as in {year}")),
    (90, 110, _("about twice as many as in {year}")),
    (110, float("inf"), _("more than twice as many as in {year}")),
)
FEWER: tuple[tuple[float, float, str | Promise], ...] = (
    (8, 12, _("about a tenth fewer than in {year}")),
    (18, 22, _("about a fifth fewer than in {year}")),
    (22, 28, _("about a quarter fewer than in {year}")),
    (30, 37, _("about a third fewer than in {year}")),
    (45, 55, _("about half as many as in {year}")),
)
SAME = 2.5  # per cent, up or down
PART: dict[str, str | Promise] = {
    Sector.CULTURE: _("{share} of them were for culture"),
    Sector.EDUCATION: _("{share} of them were for courses"),
    Sector.SCIENCE: _("{share} of them were for science"),
    Sector.SPORT: _("{share} of them were for sport"),
}


def say_years(rows: Sequence[YearRow]) -> str:
    """What the chart of the yearly table shows, about its newest whole year; rows come oldest first."""
    row = next((row for row in reversed(rows) if row.over), rows[-1])
    before = next((one for one in rows if one.year == row.year - 1), None)
    n = row.uses_total
    uses = ngettext("{n} ticket or course place", "{n} tickets and course places", n).format(n=local_number(n))
    facts = {"year": row.year, "uses": uses, "part": say_part(row)}
    if not row.over:
        facts["day"] = local_date(row.last_day)
        sentence = gettext("By {day} the Kaiku Card had given {uses} in {year}; {part}.")
        return (sentence if n else gettext("By {day} the Kaiku Card had given {uses} in {year}.")).format(**facts)
    if not n:
        return gettext("In {year} the Kaiku Card gave {uses}.").format(**facts)
    if before is None or not before.uses_total:
        return gettext("In {year} the Kaiku Card gave {uses}; {part}.").format(**facts)
    facts["compared"] = say_change(n, before.uses_total, year=before.year)
    return gettext("In {year} the Kaiku Card gave {uses}, {compared}; {part}.").format(**facts)


def say_change(now: int, before: int, *, year: int) -> str:
    """`about a quarter more than in 2022`; `before` is not 0."""
    change = 100 * (now - before) / before
    if abs(change) < SAME:
        return gettext("about as many as in {year}").format(year=year)
    for low, high, words in MORE if change > 0 else FEWER:
        if low <= abs(change) < high:
            return str(words).format(year=year)
    percent = round(abs(change))
    if change > 0:
        words = ngettext("{n} per cent more than in {year}", "{n} per cent more than in {year}", percent)
    else:
        words = ngettext("{n} per cent fewer than in {year}", "{n} per cent fewer than in {year}", percent)
    return words.format(n=percent, year=year)


def say_part(row: YearRow) -> str:
    """The largest sector and its share: `over half of them were for sport`."""
    sector = max(Sector.values, key=row.uses_of)
    share = row.uses_of(sector) / (row.uses_total or 1)
    if share == 1:
        words = pgettext("share", "all")
    elif share > 2 / 3:
        words = gettext("over two thirds")
    elif share > 1 / 2:
        words = gettext("over half")
    else:
        words = gettext("the largest share")
    return str(PART[sector]).format(share=words)


def say_recorder(counts: RecorderCounts, place: str) -> str:
    """A venue's or ticket agent's year in a sentence."""
    total = counts.total
    uses = ngettext("{n} use", "{n} uses", total.uses).format(n=local_number(total.uses))
    if not total.flagged:
        return gettext("{place}, {year}: {uses}.").format(place=place, year=counts.year, uses=uses)
    noted = ngettext("{n} of them with a note", "{n} of them with a note", total.flagged)
    return gettext("{place}, {year}: {uses}, {noted}.").format(
        place=place, year=counts.year, uses=uses, noted=noted.format(n=local_number(total.flagged))
    )


def say_issuer(counts: IssuerCounts, place: str) -> str:
    """An issuing workplace's year in a sentence."""
    n = counts.total.cards + counts.total.community_cards
    cards = ngettext("{n} card registered", "{n} cards registered", n).format(n=local_number(n))
    left = ngettext("{n} blank card left", "{n} blank cards left", counts.blanks).format(n=local_number(counts.blanks))
    return gettext("{place}, {year}: {cards}; today {left}.").format(
        place=place, year=counts.year, cards=cards, left=left
    )
