"""The look's tags and filters (builtins: no `{% load %}` needed). docs/look.md shows each in use."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.defaultfilters import linebreaksbr
from django.template.loader import get_template
from django.urls import translate_url
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from kaikukortti.terms.days import HELSINKI, spoken_day, spoken_time

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"
LANGUAGE_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
_WEEKDAYS = {
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_SMALL_NUMBERS = (
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
)


def _language() -> str:
    return (get_language() or "fi")[:2]


# --- signs -------------------------------------------------------------------------------------------------------


@cache
def _sign(name: str) -> str:
    return get_template(f"kaikukortti/icons/{name}.svg").render({}).strip()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A sign from templates/kaikukortti/icons, inlined and hidden from screen readers: a word always stands beside it.

    `css` adds classes. Signs are the project's own files and hold no data, hence `mark_safe`.
    """
    opening = format_html('<svg class="{}" aria-hidden="true" focusable="false" ', f"icon {css}".strip())
    # A file of ours, never what someone typed.
    return mark_safe(_sign(name).replace("<svg ", opening, 1))  # nosec B308 B703


# --- languages ---------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[dict[str, Any]]:
    """The three languages as code, own name, address of the same page in it, and whether it is the current one."""
    request = context.get("request")
    here = request.get_full_path() if request is not None else "/"
    current = _language()
    return [
        {"code": code, "name": name, "url": _in_language(here, code), "current": code == current}
        for code, name in LANGUAGE_NAMES.items()
    ]


def _in_language(path: str, code: str) -> str:
    """The same page in a language; pages that no route names (a 404) change only their prefix. Never another host."""
    if urlsplit(path).netloc:
        return f"/{code}/"
    translated = translate_url(path, code)
    if translated != path or path.startswith(f"/{code}/"):
        return translated
    swapped, found = re.subn(r"^/(?:fi|sv|en)/", f"/{code}/", path)
    return swapped if found else f"/{code}/"


@register.simple_tag
def said(thing: object, column: str) -> SafeString:
    """A text that is kept in three languages (`intro_fi`, `intro_sv` …); where the page's own is missing, the Finnish
    one stands in, marked as Finnish so that it is read aloud as such."""
    own = str(getattr(thing, f"{column}_{_language()}", ""))
    text = linebreaksbr(conditional_escape(own or str(getattr(thing, f"{column}_fi"))))
    return text if own or not text else format_html('<span lang="fi">{}</span>', text)


# --- numbers, days, times ----------------------------------------------------------------------------------------


@register.filter
def local_number(value: int | float | Decimal | None, decimals: int = 0) -> str:
    """51 188 in Finnish and Swedish (non-breaking), 51,188 in English; None is nothing."""
    if value is None:
        return ""
    written = f"{value:,.{decimals}f}"
    return written if _language() == "en" else written.replace(",", NBSP).replace(".", ",")


@register.filter
def euros(cents: int | None) -> str:
    """Cents as euros without the sign, for a column that says it: 25,00; None is nothing."""
    return "" if cents is None else local_number(cents / 100, 2)


@register.filter
def local_date(value: date | None) -> str:
    """24.11.2026 in Finnish and Swedish, 24 November 2026 in English. An instant gives its day in Finland."""
    day = _day(value)
    return spoken_day(day, _language()).replace(" ", NBSP) if day else ""


@register.filter
def local_day(value: date | None) -> str:
    """A near day with its weekday and without its year: `ti 24.11.`, `tis 24.11`, `Tue 24 November`."""
    day = _day(value)
    if day is None:
        return ""
    language = _language()
    without_year = spoken_day(day, language).rsplit(" " if language == "en" else ".", 1)[0]
    dot = "." if language == "fi" else ""
    return f"{weekday(day.weekday())} {without_year}{dot}".replace(" ", NBSP)


def weekday(number: int) -> str:
    """The short name of a weekday; 0 is Monday."""
    return _WEEKDAYS[_language()][number]


@register.filter
def local_time(value: datetime | None) -> str:
    """Time in Finland as running text says it: `klo 14.10`, `kl. 14.10`, `14:10`."""
    if value is None:
        return ""
    language = _language()
    return {"fi": f"klo{NBSP}", "sv": f"kl.{NBSP}", "en": ""}[language] + spoken_time(value, language)


@register.filter
def clock(value: datetime | None) -> str:
    """The bare time, for tables: `14.10` or `14:10`."""
    return spoken_time(value, _language()) if value else ""


@register.filter
def local_moment(value: datetime | None) -> str:
    """Day and time: `24.11.2026 klo 14.10`."""
    if value is None:
        return ""
    joint = " at " if _language() == "en" else " "
    return f"{local_date(value)}{joint}{local_time(value)}"


def _day(value: date | None) -> date | None:
    return value.astimezone(HELSINKI).date() if isinstance(value, datetime) else value


@register.filter
def grouped_code(value: str) -> str:
    """A card code as people read it: 7KM 9QX 2TR7 (rule 12)."""
    code = re.sub(r"[\s-]", "", value)
    return f"{code[:3]} {code[3:6]} {code[6:]}" if len(code) == 10 else value


# --- forms -------------------------------------------------------------------------------------------------------


@register.inclusion_tag("kaikukortti/parts/field.html")
def field(bound: BoundField, size: str = "", note: str = "", beside: bool = False) -> dict[str, Any]:
    """One field: label, hint (the form field's help text), errors, input.

    `size` is the expected length (2, 4, 5, 10, 20) or `codes`; `note` stands after the label in soft type; `beside`
    lays short options in a row.
    """
    hint_id, error_id = f"{bound.auto_id}_hint", f"{bound.auto_id}_error"
    described = [error_id] if bound.errors else []
    described += [hint_id] if bound.help_text else []
    input_type = getattr(bound.field.widget, "input_type", "")
    grouped = input_type in ("radio", "checkbox") and bound.field.widget.use_fieldset
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    css = " ".join(f"w-{part}" if part.isdigit() else part for part in str(size).split())
    return {
        "bound": bound,
        "grouped": grouped,
        "tick": input_type == "checkbox" and not grouped,
        "shown": "" if grouped else bound.as_widget(attrs=attributes),
        "described": " ".join(described),
        "hint_id": hint_id,
        "error_id": error_id,
        "css": css,
        "note": note,
        "beside": beside,
    }


@register.inclusion_tag("kaikukortti/parts/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """What to mend, above the form: links named by what to do; nothing when all is well. Focus moves there."""
    links = [(_first_input(bound), _mend(bound)) for bound in form.visible_fields() if bound.errors]
    texts = list(form.non_field_errors()) + [str(error) for bound in form.hidden_fields() for error in bound.errors]
    return {"links": links, "texts": texts, "heading": error_heading(form) if links or texts else ""}


@register.simple_tag
def error_heading(form: BaseForm | None = None) -> str:
    """`Fix two things`: the heading of the summary, and how the page's title starts while something is to be mended."""
    errors = getattr(form, "errors", None)
    if not errors:
        return ""
    count = len(errors)
    word = str(_SMALL_NUMBERS[count - 1]) if count <= len(_SMALL_NUMBERS) else str(count)
    return ngettext("Fix one thing", "Fix {count} things", count).format(count=word)


def _first_input(bound: BoundField) -> str:
    """The id a link leads to: of the first option where the field is a group."""
    return f"{bound.auto_id}_0" if bound.field.widget.use_fieldset else bound.auto_id


def _mend(bound: BoundField) -> str:
    """What to do about a field: the form field's own `mend`, else `Check` and its label."""
    own = getattr(bound.field, "mend", "")
    label = str(bound.label)
    if label[1:2].islower():
        label = label[:1].lower() + label[1:]
    return str(own) or gettext("Check {label}").format(label=label)


# --- verdicts ----------------------------------------------------------------------------------------------------

# form of the panel (its class and sign) and the word, for the states of a verdict
VERDICTS: Mapping[str, tuple[str, Any]] = {
    "idle": ("idle", gettext_lazy("Ready")),
    "valid": ("valid", gettext_lazy("Card is valid")),
    "already": ("already", gettext_lazy("Ticket already given")),
    "as-far-as-we-know": ("as-far-as-we-know", gettext_lazy("Valid as far as we know")),
    "not-on-list": ("not-on-list", gettext_lazy("Not on the list")),
    "stop": ("stop", gettext_lazy("Not valid today")),
    "typo": ("stop", gettext_lazy("Check the code")),
}


@register.inclusion_tag("kaikukortti/parts/verdict.html")
def verdict(state: str, fact: str, next_step: str = "", word: str = "") -> dict[str, Any]:
    """The till's answer: sign, word, one sentence of fact, one sentence of next step.

    `word` replaces the state's own word where another says it better (a full house is not about the card).
    """
    sign, own = VERDICTS[state]
    return {"state": state, "sign": sign, "word": word or own, "fact": fact, "next_step": next_step}


# --- charts ------------------------------------------------------------------------------------------------------

ROW = 44


@register.inclusion_tag("kaikukortti/parts/bar_chart.html")
def bar_chart(
    rows: Sequence[tuple[str, Sequence[tuple[str, int]] | None]], sentence: str, *, key: bool = True, css: str = ""
) -> dict[str, Any]:
    """Horizontal bars, oldest first: `rows` are (name, [(sector or "total", number), …]) or (name, None) when unknown.

    `sentence` says what the chart shows and is its text alternative; the page shows a table of the same numbers.
    Widths are per cent of the longest row.
    """
    longest = max((sum(number for _, number in parts) for _, parts in rows if parts), default=0) or 1
    drawn = [_bar_row(place, name, parts, longest) for place, (name, parts) in enumerate(rows)]
    sectors = list(dict.fromkeys(sector for _, parts in rows for sector, _ in parts or ()))
    return {
        "rows": drawn,
        "height": ROW * len(rows),
        "sentence": sentence,
        "sectors": sectors if key and sectors != ["total"] else [],
        "css": css,
    }


def _bar_row(place: int, name: str, parts: Iterable[tuple[str, int]] | None, longest: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "y": place * ROW, "middle": place * ROW + 20, "unknown": parts is None}
    reached, bars = 0, []
    for sector, number in parts or ():
        if number:
            bars.append({"sector": sector, "x": _per_cent(reached, longest), "width": _per_cent(number, longest)})
        reached += number
    return row | {"bars": bars, "total": reached, "end": _per_cent(reached, longest)}


def _per_cent(number: int, whole: int) -> str:
    """With a decimal point whatever the language: it goes into SVG."""
    return f"{100 * number / whole:.3f}%"
