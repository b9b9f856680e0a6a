"""docs/dpo, the drafts for the data-protection officer: draws the tables and the picture anew from the vocabulary."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kaikukortti.management.dpo.drawn import fill
from kaikukortti.management.dpo.flows import picture
from kaikukortti.terms.messages import LANGUAGES

FOLDER = Path(settings.BASE_DIR) / "docs" / "dpo"


def language_of(path: Path) -> str:
    """`assessment.fi.md` is Finnish; a page without a language is in English."""
    middle = path.name.split(".")[1]
    return middle if middle in LANGUAGES else "en"


def written() -> dict[Path, str]:
    """Every file of the folder as it must be."""
    pages = {path: fill(path.read_text(), language_of(path)) for path in sorted(FOLDER.glob("*.md"))}
    return pages | {FOLDER / f"flow.{language}.svg": picture(language) for language in LANGUAGES}


class Command(BaseCommand):
    help = "Draw the tables and the picture of docs/dpo anew from the register's vocabulary."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for path, text in written().items():
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                self.stdout.write(f"written: {path.relative_to(settings.BASE_DIR)}")
