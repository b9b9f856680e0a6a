"""The ledger: what happened, with the facts of the day. Figures read only this (section 7).

Rows are appended, never edited or deleted. Two kinds of columns are not facts and may be emptied: the *link* (card,
line, content), cut by retention, and `own_day`, the slot of rule 27's constraint, given back by a reversal.
"""

import uuid
from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from kaikukortti.models.cards import Card, PersonLine
from kaikukortti.models.devices import Device
from kaikukortti.models.network import Region, Workplace
from kaikukortti.models.offerings import Offering
from kaikukortti.models.people import Token, User
from kaikukortti.models.reference import Municipality, WellbeingArea
from kaikukortti.models.sequence import Sequenced
from kaikukortti.terms.kinds import (
    ChangeKind,
    CountedKind,
    OfferingKind,
    RecordKind,
    ReversalReason,
    Sector,
    Source,
    Status,
)
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, Refusal


class RecordQuerySet(models.QuerySet["Record"]):
    def with_standing(self) -> "RecordQuerySet":
        """Each row with `stands`: neither reversed nor voided."""
        return self.annotate(stands=~Exists(_ends()))  # type: ignore[no-redef]  # declared for the callers

    def standing(self) -> "RecordQuerySet":
        return self.filter(~Exists(_ends()))

    def counting(self, *, at: object = None) -> "RecordQuerySet":
        """Rows that count and take places, optionally as the ledger stood at an instant (rules 28, 30).

        Out: reversed and voided; pending until registered; likely duplicates and unreadable codes until the venue
        has settled that they count.
        """
        known = RecordChange.objects.filter(record=OuterRef("pk"))
        rows = self
        if at is not None:
            known = known.filter(at__lte=at)
            rows = rows.filter(entered_at__lte=at)
        newest = known.filter(kind=ChangeKind.SETTLED).order_by("-pk").values("counts")[:1]
        # The cheap conditions come first: a database asks for changes only where they are not enough.
        return (
            rows.alias(settled=models.Subquery(newest))
            .filter(~Q(status=Status.PENDING) | Exists(known.filter(kind=ChangeKind.REGISTERED)))
            .filter(~Q(refusal__in=COUNT_WHEN_SETTLED) | Q(settled=True))
            .filter(~Exists(known.filter(kind__in=[ChangeKind.REVERSED, ChangeKind.VOIDED])))
        )

    def waiting(self) -> "RecordQuerySet":
        """Standing rows that do not count yet: the venue has not settled them, or the card is not registered."""
        settled = RecordChange.objects.filter(record=OuterRef("pk"), kind=ChangeKind.SETTLED)
        registered = RecordChange.objects.filter(record=OuterRef("pk"), kind=ChangeKind.REGISTERED)
        unsettled = Q(refusal__in=COUNT_WHEN_SETTLED) & ~Exists(settled)
        return self.filter(unsettled | Q(status=Status.PENDING) & ~Exists(registered)).standing()

    def on(self, day: date) -> "RecordQuerySet":
        return self.filter(day=day)

    def recorded_by(self, workplace: Workplace) -> "RecordQuerySet":
        return self.filter(recorder=workplace)

    def at_venue(self, workplace: Workplace) -> "RecordQuerySet":
        return self.filter(venue=workplace)


def _ends() -> "models.QuerySet[RecordChange]":
    """The reversal or voiding of the record asked about."""
    return RecordChange.objects.filter(record=OuterRef("pk"), kind__in=[ChangeKind.REVERSED, ChangeKind.VOIDED])


class Record(Sequenced):
    """One act by one card at one offering, with its counts; a *use* is one ticket, place or season pass of it."""

    # Who recorded: a venue, or a ticket agent for a venue; the id is the device's own, unique per recorder (rule 26).
    recorder = models.ForeignKey(Workplace, models.PROTECT, related_name="recorded")
    client_id = models.UUIDField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey(Token, models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="+")
    # What a venue reads out to a coordinator; random, tells nothing.
    reference = models.UUIDField(default=uuid.uuid4, unique=True)
    # A random key for disclosure control; secret (section 7).
    figure_key = models.PositiveBigIntegerField()

    # The act.
    venue = models.ForeignKey(Workplace, models.PROTECT, related_name="records")
    offering = models.ForeignKey(Offering, models.PROTECT, null=True, related_name="records")
    kind = models.CharField(max_length=6, choices=RecordKind.choices)
    day = models.DateField()
    until = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    source = models.CharField(max_length=7, choices=Source.choices)
    happened = models.BooleanField()
    holder = models.PositiveSmallIntegerField()
    children = models.PositiveSmallIntegerField()
    assistants = models.PositiveSmallIntegerField()
    clients = models.PositiveSmallIntegerField()
    workers = models.PositiveSmallIntegerField()
    covered_cents = models.PositiveIntegerField(null=True)
    remainder_cents = models.PositiveIntegerField(null=True)

    # The answer it got.
    status = models.CharField(max_length=16, choices=Status.choices)
    refusal = models.CharField(max_length=30, choices=Refusal.choices, blank=True)

    # The facts of the day. Unknown is null. A pending row's card facts come with its registration.
    community = models.BooleanField()
    card_region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    residence = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    residence_area = models.ForeignKey(WellbeingArea, models.PROTECT, null=True, related_name="+")
    age_band = models.PositiveSmallIntegerField(null=True)
    later_card = models.BooleanField(null=True)
    place_region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    place_area = models.ForeignKey(WellbeingArea, models.PROTECT, null=True, related_name="+")
    sector = models.CharField(max_length=10, choices=Sector.choices)
    offering_kind = models.CharField(max_length=6, choices=OfferingKind.choices)

    # The link, cut by retention: nothing below is a fact.
    card = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="records")
    line = models.ForeignKey(PersonLine, models.SET_NULL, null=True, related_name="records")
    content = models.CharField(max_length=64, blank=True)
    own_day = models.DateField(null=True)

    objects = RecordQuerySet.as_manager()

    # Filled by with_standing; declared for the type checker.
    stands: bool

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="record_sequence"),
            models.Index(fields=["line", "day"], name="record_of_line"),
            models.Index(fields=["venue", "day"], name="record_of_venue"),
            models.Index(fields=["day", "sector"], name="record_of_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recorder", "client_id"], name="one_record_an_id"),
            models.UniqueConstraint(
                fields=["line", "offering", "own_day"],
                condition=Q(own_day__isnull=False, offering__isnull=False),
                name="one_own_ticket_an_offering",
            ),
            models.UniqueConstraint(
                fields=["line", "venue", "own_day"],
                condition=Q(own_day__isnull=False, offering__isnull=True),
                name="one_own_ticket_a_venue_and_day",
            ),
            models.CheckConstraint(
                condition=Q(holder__gt=0)
                | Q(children__gt=0)
                | Q(assistants__gt=0)
                | Q(clients__gt=0)
                | Q(workers__gt=0),
                name="record_counts_someone",
            ),
            models.CheckConstraint(
                condition=Q(kind=RecordKind.SEASON, until__gte=models.F("day"))
                | ~Q(kind=RecordKind.SEASON) & Q(until__isnull=True),
                name="season_has_its_end",
            ),
        ]


class SeasonDay(models.Model):
    """A day of a season pass after its first: the same own ticket, every day of its period (rule 27)."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="season_days")
    line = models.ForeignKey(PersonLine, models.CASCADE)
    venue = models.ForeignKey(Workplace, models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, models.PROTECT, null=True, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "offering", "day"],
                condition=Q(offering__isnull=False),
                name="one_season_day_an_offering",
            ),
            models.UniqueConstraint(
                fields=["line", "venue", "day"], condition=Q(offering__isnull=True), name="one_season_day_a_venue"
            ),
        ]


class RecordChange(Sequenced):
    """What was later said of a record, with instant and author (rules 6, 28, 30)."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    token = models.ForeignKey(Token, models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="+")
    workplace = models.ForeignKey(Workplace, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=16, choices=ReversalReason.choices, blank=True)
    # A settlement: whether the row counts.
    counts = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="recordchange_sequence")]
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(kind=ChangeKind.REVERSED), name="reversed_once"),
            models.UniqueConstraint(fields=["record"], condition=Q(kind=ChangeKind.DISPUTED), name="disputed_once"),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(kind__in=[ChangeKind.REGISTERED, ChangeKind.VOIDED]),
                name="pending_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.SETTLED, counts__isnull=False)
                | ~Q(kind=ChangeKind.SETTLED) & Q(counts__isnull=True),
                name="settlement_says_whether",
            ),
        ]


class CountedFactQuerySet(models.QuerySet["CountedFact"]):
    def known_at(self, at: object) -> "CountedFactQuerySet":
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at), entered_at__lte=at)


class CountedFact(Sequenced):
    """A fact of a card's life as figures count it, with the facts of its day; it outlives the card's data.

    One registration an issue (with the voluntary answers, which stand nowhere else), one row for a renewal, block or
    early end, and one *taken into use* a person line: the day of its earliest counting record. A fact that turns out
    otherwise is withdrawn at an instant and a new row written, so that any past release can be counted again.
    """

    kind = models.CharField(max_length=14, choices=CountedKind.choices)
    day = models.DateField()
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    community = models.BooleanField(default=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    residence = models.ForeignKey(Municipality, models.PROTECT, null=True, related_name="+")
    residence_area = models.ForeignKey(WellbeingArea, models.PROTECT, null=True, related_name="+")
    age_band = models.PositiveSmallIntegerField(null=True)
    later_card = models.BooleanField(null=True)
    # Voluntary answers, on registrations only: null is "not asked".
    gender = models.CharField(max_length=8, null=True)
    life_situations = models.JSONField(null=True)
    home_language = models.CharField(max_length=8, null=True)
    # Taken into use: the record that did it.
    record = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+")
    # The link, cut by retention.
    card = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="counted")
    line = models.ForeignKey(PersonLine, models.SET_NULL, null=True, related_name="counted")

    objects = CountedFactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="countedfact_sequence"),
            models.Index(fields=["kind", "day"], name="countedfact_of_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(kind=CountedKind.TAKEN_INTO_USE, withdrawn_at__isnull=True),
                name="taken_into_use_once",
            ),
        ]


class YearClose(models.Model):
    """The yearly national table as it was closed: one row a year and revision (rule 31)."""

    year = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField()
    as_of = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    cards_registered = models.PositiveIntegerField()
    cards_taken_into_use = models.PositiveIntegerField()
    adult_culture = models.PositiveIntegerField()
    adult_education = models.PositiveIntegerField()
    adult_science = models.PositiveIntegerField()
    adult_sport = models.PositiveIntegerField()
    child_culture = models.PositiveIntegerField()
    child_education = models.PositiveIntegerField()
    child_science = models.PositiveIntegerField()
    child_sport = models.PositiveIntegerField()
    municipalities = models.PositiveIntegerField()
    # Counted too, but apart.
    assistants = models.PositiveIntegerField()
    workers = models.PositiveIntegerField()

    class Meta:
        ordering = ["year", "revision"]
        constraints = [models.UniqueConstraint(fields=["year", "revision"], name="one_close_a_revision")]


class HolderCount(models.Model):
    """How many holders stood behind a cell of a closed year, counted before the link use–card is cut: disclosure
    control needs it for ever, and afterwards nothing could count it again."""

    year = models.PositiveSmallIntegerField()
    # What the three say: docs/decisions/0020-retention.md.
    cube = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    cell = models.CharField(max_length=120)
    holders = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "cube", "period", "cell"], name="one_count_a_cell")]


class ErasedCards(models.Model):
    """How many of the cards that an issuing workplace gave in a month have been erased: its own counts stay whole
    without their rows (first registrations only, as there)."""

    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="erased_cards")
    # The first day of the month of registration.
    month = models.DateField()
    cards = models.PositiveIntegerField(default=0)
    community_cards = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workplace", "month"], name="erased_cards_a_month")]


class RetentionRun(models.Model):
    """What one run of retention did, and that every published sum was the same before and after.

    A run that was stopped in the middle has no end; the next one takes it up and finishes its proof.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    trios = models.PositiveIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)
    cards = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)
    sums_before = models.CharField(max_length=64)
    sums_after = models.CharField(max_length=64, blank=True)
