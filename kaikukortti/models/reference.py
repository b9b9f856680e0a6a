"""The tables the project carries itself: municipalities since 2015, provinces, wellbeing areas, postal codes."""

from django.db import models
from django.db.models import Q

from kaikukortti.models.names import Named, in_language


class Province(Named):
    """A region of Finland (maakunta)."""

    code = models.CharField(max_length=2, primary_key=True)


class WellbeingArea(Named):
    """A wellbeing services county, Helsinki or Åland."""

    code = models.CharField(max_length=2, primary_key=True)


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def valid_on(self, day: object) -> "MunicipalityQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


class Municipality(models.Model):
    """A municipality; `until` is its last day, `successor` the one it merged into."""

    code = models.CharField(max_length=3, primary_key=True)
    name_fi = models.CharField(max_length=80)
    name_sv = models.CharField(max_length=80)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    province = models.ForeignKey(Province, models.PROTECT, related_name="municipalities")
    wellbeing_area = models.ForeignKey(WellbeingArea, models.PROTECT, related_name="municipalities")

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        ordering = ["name_fi"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(fi=self.name_fi, sv=self.name_sv, en=self.name_fi)


class PostalCode(models.Model):
    """A postal code; a few lie in several municipalities, and the worker picks one (section 4)."""

    code = models.CharField(max_length=5, primary_key=True)
    name_fi = models.CharField(max_length=80)
    name_sv = models.CharField(max_length=80)
    municipalities = models.ManyToManyField(Municipality, related_name="postal_codes")

    def __str__(self) -> str:
        return self.code
