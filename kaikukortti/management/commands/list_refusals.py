"""docs/refusals.md, written from the vocabulary: `python manage.py list_refusals > docs/refusals.md`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from kaikukortti.terms.messages import LANGUAGES
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, NEVER_STORED, WORDS, Refusal

BEGINNING = """\
# Reasons of a refusal

Written by `python manage.py list_refusals` from `kaikukortti/terms/refusals.py`; a test holds it to that.

A refusal is a value: the same in pages, calls and reports, and it stays what it is. Callers act on the value and show
the words. The till's sentence has the card as its subject, never the person, and can be read aloud; what mends it comes
last. Where a day or a time is known it is filled in.
"""


def page() -> str:
    parts = [BEGINNING]
    for refusal, words in WORDS.items():
        lines = [f"## {refusal.value}", ""]
        for language in LANGUAGES:
            with override(language):
                lines.append(f"- **{language}**, at the till: {words.till} {words.next_step}")
                if words.dated:
                    shown = str(words.dated).replace("{day}", "…").replace("{time}", "…")
                    lines.append(f"  With the day or time: {shown}")
                if str(words.holder) != str(words.till):
                    lines.append(f"  To the holder: {words.holder}")
        lines += [*_stored(refusal), ""]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _stored(refusal: Refusal) -> list[str]:
    """What becomes of a row that happened (rule 28)."""
    if refusal in NEVER_STORED:
        return ["", "Not stored, even when it happened."]
    if refusal in COUNT_WHEN_SETTLED:
        return ["", "Stored when it happened; counts only once the venue has settled it."]
    return []


class Command(BaseCommand):
    help = "Print docs/refusals.md: every reason of a refusal in three languages."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
