"""Names in three languages: a column each, Finnish the fallback (docs/decisions tells why not a library)."""

from django.db import models
from django.utils.translation import get_language


def in_language(*, fi: str, sv: str, en: str) -> str:
    """The text of the active language, else the Finnish one."""
    return {"sv": sv, "en": en}.get(get_language() or "fi", fi) or fi


class Named(models.Model):
    name_fi = models.CharField(max_length=120)
    name_sv = models.CharField(max_length=120, blank=True)
    name_en = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(fi=self.name_fi, sv=self.name_sv, en=self.name_en)

    @property
    def in_three(self) -> dict[str, str]:
        """The name in each language, the Finnish one where another is missing."""
        return {"fi": self.name_fi, "sv": self.name_sv or self.name_fi, "en": self.name_en or self.name_fi}
