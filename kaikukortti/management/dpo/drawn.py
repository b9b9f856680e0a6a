"""The parts of docs/dpo that are drawn from the vocabulary, between marks, in the language of their document."""

import re
from collections.abc import Callable, Iterable
from datetime import date

from django.utils.translation import gettext, ngettext, override, pgettext

from kaikukortti.management.dpo import flows
from kaikukortti.terms.days import spoken_day
from kaikukortti.terms.fields import PERSONAL, Whose
from kaikukortti.terms.policies import SHAPES, Policy
from kaikukortti.terms.seeing import WHO_SEES
from kaikukortti.terms.trail import Act

# When the drafts were last gone through against the register as it is.
READ_ON = date(2026, 11, 25)
MARK = re.compile(r"<!-- drawn: (?P<name>[\w-]+) -->\n.*?<!-- /drawn -->", re.DOTALL)


def fill(page: str, language: str) -> str:
    """The page with every drawn part drawn anew. Raises KeyError for a part that nobody draws."""

    def drawn(mark: re.Match[str]) -> str:
        name = mark["name"]
        with override(language):
            return f"<!-- drawn: {name} -->\n{PARTS[name](language)}\n<!-- /drawn -->"

    return MARK.sub(drawn, page)


def _table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    names = [str(head) for head in heads]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _lifetime(text: object) -> str:
    """With the policies of the whole country as they are before anybody has set others."""
    days, years = SHAPES[Policy.TRIO_DAYS].default, SHAPES[Policy.LINK_YEARS].default
    return str(text).format(
        trio_days=ngettext("{n} day", "{n} days", days).format(n=days),
        link_years=ngettext("{n} year", "{n} years", years).format(n=years),
    )


def stamp(language: str) -> str:
    said = gettext(
        "Draft for the controller, {day}. Not legal advice; no lawyer and no data-protection officer has reviewed it. "
        "The tables between the marks are written by `manage.py write_dpo` from the register's own vocabulary."
    )
    day = spoken_day(READ_ON, language) + (f" {READ_ON.year}" if language == "en" else "")
    return f"> **{said.format(day=day)}**"


def purposes(whose: Whose) -> Callable[[str], str]:
    def drawn(_language: str) -> str:
        heads = (gettext("Purpose"), pgettext("flow", "Data"), gettext("How long"), gettext("On what basis"))
        rows = (
            (f"**{one.title}.** {one.purpose}", "; ".join(one.contents), _lifetime(one.lifetime), one.basis)
            for one in PERSONAL
            if one.whose == whose
        )
        return _table(heads, rows)

    return drawn


def columns(_language: str) -> str:
    rows = (
        (one.title, " ".join(f"`{table}.{name}`" for table, names in one.columns.items() for name in names))
        for one in PERSONAL
    )
    return _table((gettext("Purpose"), gettext("Columns of the database")), rows)


def seeing(_language: str) -> str:
    return _table(
        (gettext("Who"), gettext("Sees"), gettext("Never sees")), ((one.who, one.sees, one.never) for one in WHO_SEES)
    )


def acts(_language: str) -> str:
    return "\n".join(f"- {act.label}" for act in Act)


def flow_table(_language: str) -> str:
    heads = ("", pgettext("flow", "From"), pgettext("flow", "To"), pgettext("flow", "Data"), gettext("Protected by"))
    return _table(heads, flows.table())


PARTS: dict[str, Callable[[str], str]] = {
    "stamp": stamp,
    "holders": purposes(Whose.HOLDER),
    "workers": purposes(Whose.WORKER),
    "columns": columns,
    "seeing": seeing,
    "acts": acts,
    "flows": flow_table,
}
