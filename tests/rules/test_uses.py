"""The order of rule 34, and that no input breaks a rule. The stories are told in tests/actions/test_uses.py."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.network import MunicipalityFacts, Network, WorkplaceFacts
from kaikukortti.rules.situation import Ask, CardHere, OfferingFacts, Past, Places, Situation
from kaikukortti.rules.uses import ORDER, ORDER_HAPPENED, child_places, covered, judge, refuse_already, refuse_use
from kaikukortti.terms.days import HELSINKI, day_start
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Source, Status
from kaikukortti.terms.policies import REFUSED, Policy
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, NEVER_STORED, Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

LONG_AGO = date(2015, 1, 1)
NOW = datetime(2026, 11, 24, 18, 55, tzinfo=HELSINKI)
TODAY = NOW.date()
KAINUU, ESPOO, SAVONLINNA = 1, 2, 3
ROUTA = WorkplaceFacts(10, Role.VENUE, "205", "culture", LONG_AGO, None, KAINUU, frozenset({KAINUU}))
EVENT = OfferingFacts(
    id="e",
    venue=10,
    kind=OfferingKind.EVENT,
    sector="culture",
    first_day=TODAY,
    last_day=TODAY,
    starts_at=NOW + timedelta(minutes=5),
    weekdays=127,
    municipality=None,
    price_cents=None,
    published_at=NOW - timedelta(days=9),
    cancelled_at=None,
    community_welcome=False,
    sold_by_agents=True,
)
CARD = CardHere(
    CardLife(registered_at=day_start(date(2026, 6, 1)), spells=((date(2026, 6, 1), date(2027, 5, 31)),)),
    community=False,
    region=KAINUU,
    minors=2,
)


def network(**policies):
    """Kainuu and Espoo permanent, Savonlinna a pilot closed both ways; policies of Kainuu by name."""
    rows: dict[tuple[int | None, int | None, str], list[tuple[date, Any]]] = {
        (KAINUU, None, Policy[name]): [(LONG_AGO, value)] for name, value in policies.items()
    }
    rows |= {(SAVONLINNA, None, key): [(LONG_AGO, False)] for key in (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN)}
    return Network(
        version=1,
        municipalities={code: MunicipalityFacts(code, "18", None, None) for code in ("205", "049", "740")},
        memberships={"205": [(LONG_AGO, KAINUU)], "049": [(LONG_AGO, ESPOO)], "740": [(LONG_AGO, SAVONLINNA)]},
        phases={
            KAINUU: [(LONG_AGO, Phase.PERMANENT)],
            ESPOO: [(LONG_AGO, Phase.PERMANENT)],
            SAVONLINNA: [(LONG_AGO, Phase.PILOT)],
        },
        policies=rows,
        workplaces={10: ROUTA},
        closed_years=frozenset({2025}),
    )


def situation(**changes):
    facts = {"now": NOW, "network": network(), "venue": ROUTA, "offering": EVENT, "card": CARD}
    return Situation(**{**facts, **changes})


def ask(**changes):
    return replace(Ask(id="1", code="7KM9QX2TR7", day=TODAY, offering="e"), **changes)


def own(**changes):
    return replace(
        Past(RecordKind.TICKET, "e", 10, KAINUU, TODAY, TODAY, None, 1, 0, NOW - timedelta(hours=4)), **changes
    )


def test_each_refusal_alone():
    """One thing wrong at a time, and its reason is the answer."""
    blocked = replace(CARD, life=replace(CARD.life, blocked_at=NOW))
    ended = replace(CARD, life=replace(CARD.life, spells=((date(2025, 1, 1), date(2025, 12, 31)),)))
    ends_soon = replace(CARD, life=replace(CARD.life, spells=((date(2026, 1, 1), TODAY),)))
    tomorrow = TODAY + timedelta(days=1)
    course = replace(EVENT, kind=OfferingKind.COURSE, last_day=TODAY + timedelta(days=60))
    community = replace(CARD, community=True, minors=0)
    for refusal, asked, at in (
        (Refusal.CARD_CODE_TYPO, ask(code=None), situation(card=None)),
        (Refusal.CARD_UNKNOWN, ask(), situation(card=None)),
        (Refusal.CARD_UNREGISTERED, ask(), situation(card=CardHere(CardLife(), False, None, None))),
        (Refusal.CARD_BLOCKED, ask(), situation(card=blocked)),
        (Refusal.CARD_EXPIRED, ask(), situation(card=ended)),
        (
            Refusal.CARD_ENDS_BEFORE,
            ask(day=tomorrow),
            situation(card=ends_soon, offering=replace(EVENT, first_day=tomorrow, last_day=tomorrow)),
        ),
        (Refusal.VENUE_NOT_ACTIVE, ask(), situation(venue=replace(ROUTA, until=TODAY - timedelta(days=1)))),
        (Refusal.REGION_CLOSED_OUT, ask(), situation(card=replace(CARD, region=SAVONLINNA))),
        (
            Refusal.REGION_CLOSED_IN,
            ask(),
            situation(network=network(OTHERS_COME_IN=False), card=replace(CARD, region=ESPOO)),
        ),
        (Refusal.OFFERING_UNKNOWN, ask(), situation(offering=None)),
        (Refusal.OFFERING_NOT_OPEN, ask(), situation(offering=replace(EVENT, published_at=None))),
        (Refusal.OFFERING_CANCELLED, ask(), situation(offering=replace(EVENT, cancelled_at=NOW))),
        (Refusal.DAY_NOT_OFFERED, ask(day=TODAY - timedelta(days=2)), situation()),
        (Refusal.TOO_EARLY_TO_RECORD, ask(day=tomorrow, offering=None), situation(offering=None)),
        (Refusal.TOO_LATE_TO_RECORD, ask(day=TODAY - timedelta(days=1), offering=None), situation(offering=None)),
        (Refusal.CHILDREN_NOT_ON_COURSES, ask(kind=RecordKind.COURSE, children=1), situation(offering=course)),
        (
            Refusal.COMMUNITY_CARD_NOT_HERE,
            ask(kind=RecordKind.COURSE, holder=0, clients=2),
            situation(offering=course, card=community),
        ),
        (Refusal.COMMUNITY_CARD_NEEDS_CLIENTS, ask(holder=0, workers=1), situation(card=community)),
        (Refusal.COUNTS_NOT_FOR_THIS_CARD, ask(clients=1), situation()),
        (Refusal.COUNTS_NOT_FOR_THIS_CARD, ask(clients=1), situation(card=community)),
        (Refusal.KIND_NOT_HERE, ask(kind=RecordKind.SEASON, until=tomorrow), situation()),
        (Refusal.CHILDREN_NEED_HOLDER, ask(holder=0, children=1), situation()),
        (Refusal.ALREADY_RECORDED, ask(), situation(past=[own()])),
        (Refusal.TOO_MANY_CHILDREN, ask(children=3), situation(network=network(CHILDREN_ABOVE=REFUSED))),
        (Refusal.LIMIT_PER_EVENT, ask(holder=2), situation()),
        (Refusal.LIMIT_PER_PERIOD, ask(), situation(network=network(TICKETS_PER_DAY=1), past=[own(offering="f")])),
        (Refusal.OFFERING_FULL, ask(), situation(places=Places(cap=3, taken=2, held=1))),
        (Refusal.OFFERING_FULL, ask(children=1), situation(places=Places(children_cap=0))),
    ):
        assert refuse_use(asked, at) == refusal, refusal
    assert refuse_use(ask(), situation()) is None


def test_the_first_refusal_in_order_is_the_answer():
    """Everything wrong at once: mending one thing after the other walks through the order of rule 34."""
    at = situation(
        card=None,
        venue=replace(ROUTA, until=TODAY - timedelta(days=1)),
        offering=replace(EVENT, published_at=None),
        places=Places(cap=0),
    )
    walked = []
    for mend in (
        {"card": replace(CARD, life=replace(CARD.life, blocked_at=NOW))},
        {"card": CARD},
        {"venue": ROUTA},
        {"offering": EVENT},
        {"places": Places()},
    ):
        walked.append(refuse_use(ask(), at))
        for name, value in mend.items():
            setattr(at, name, value)
    walked.append(refuse_use(ask(), at))
    assert walked == [
        Refusal.CARD_UNKNOWN,
        Refusal.CARD_BLOCKED,
        Refusal.VENUE_NOT_ACTIVE,
        Refusal.OFFERING_NOT_OPEN,
        Refusal.OFFERING_FULL,
        None,
    ]


def test_what_happened_is_asked_already_recorded_right_after_the_code():
    assert ORDER_HAPPENED[1] is refuse_already
    assert sorted(map(id, ORDER)) == sorted(map(id, ORDER_HAPPENED))
    blocked = replace(CARD, life=replace(CARD.life, blocked_at=NOW - timedelta(hours=1)))
    at = situation(card=blocked, past=[own()])
    assert judge(ask(), at).refusal == Refusal.CARD_BLOCKED
    assert judge(ask(happened=True), at).refusal == Refusal.ALREADY_RECORDED


def test_a_late_row_is_judged_at_its_instant():
    """Rule 29: blocked at 18, the ticket was given at 17; an event without an instant is judged at its start."""
    blocked = replace(CARD, life=replace(CARD.life, blocked_at=datetime(2026, 11, 24, 18, tzinfo=HELSINKI)))
    at = situation(card=blocked)
    assert judge(ask(happened=True, at=datetime(2026, 11, 24, 17, tzinfo=HELSINKI)), at).status == Status.RECORDED
    assert judge(ask(happened=True), at).refusal == Refusal.CARD_BLOCKED
    assert judge(ask(happened=True, offering=None), situation(card=blocked, offering=None)).status == Status.RECORDED
    assert judge(ask(), at).refusal == Refusal.CARD_BLOCKED


def test_a_card_registered_after_the_event_was_not_registered_at_it():
    """Rules 6 and 29: whichever door the row comes by, and with no registration left to wait for."""
    day = TODAY - timedelta(days=2)
    event = replace(EVENT, first_day=day, last_day=day, starts_at=NOW - timedelta(days=2))
    fresh = replace(CARD, life=CardLife(registered_at=NOW, spells=((TODAY, date(2027, 11, 23)),)))
    for pending in (False, True):
        at = situation(offering=event, card=fresh, network=network(PENDING_USE=pending))
        for asked in (ask(day=day), ask(day=day, happened=True), ask(day=day, at=NOW)):
            judgement = judge(asked, at)
            assert judgement.refusal == Refusal.CARD_UNREGISTERED, (pending, asked)
            assert judgement.status == (Status.FLAGGED if asked.happened else Status.REFUSED)
    assert judge(ask(day=day), situation(offering=event)).status == Status.RECORDED
    blocked = replace(CARD, life=replace(CARD.life, blocked_at=NOW - timedelta(hours=1)))
    assert judge(ask(day=day), situation(offering=event, card=blocked)).refusal == Refusal.CARD_BLOCKED


def test_a_closed_year_is_the_coordinators():
    day = date(2025, 12, 30)
    at = situation(now=datetime(2026, 1, 10, 12, tzinfo=HELSINKI), offering=None)
    asked = ask(day=day, offering=None, happened=True)
    assert judge(asked, at).status == Status.REFUSED
    assert judge(asked, at).refusal == Refusal.PERIOD_CLOSED
    at.correcting = True
    assert judge(asked, at).refusal != Refusal.PERIOD_CLOSED


def test_a_season_pass_covers_every_day_of_its_period():
    hall = replace(EVENT, id="h", kind=OfferingKind.OPEN, last_day=TODAY + timedelta(days=300))
    season = own(kind=RecordKind.SEASON, offering="h", day=TODAY, own_day=TODAY, until=TODAY + timedelta(days=30))
    for ahead, refusal in ((0, Refusal.ALREADY_RECORDED), (30, Refusal.ALREADY_RECORDED), (31, None)):
        at = situation(now=NOW + timedelta(days=ahead), offering=hall, past=[season])
        assert refuse_use(ask(offering="h", day=TODAY + timedelta(days=ahead)), at) == refusal
    earlier = own(offering="h", day=TODAY + timedelta(days=5), own_day=TODAY + timedelta(days=5))
    overlapping = ask(offering="h", kind=RecordKind.SEASON, until=TODAY + timedelta(days=9))
    assert refuse_use(overlapping, situation(offering=hall, past=[earlier])) == Refusal.ALREADY_RECORDED


def test_child_places_are_the_least_of_what_there_is():
    assert child_places(ask(), situation()) == 2
    assert child_places(ask(), situation(past=[own(children=1)])) == 1
    assert child_places(ask(), situation(places=Places(cap=2))) == 1
    assert child_places(ask(), situation(places=Places(cap=9, children_cap=1))) == 1
    assert child_places(ask(), situation(places=Places(cap=2, taken=1), past=[own()])) == 1
    assert child_places(ask(), situation(card=replace(CARD, community=True))) == 0


@pytest.mark.parametrize(
    ("price", "most", "paid"),
    [(2000, 2500, (2000, 0)), (6000, 2500, (2500, 3500)), (None, 2500, None), (6000, None, None)],
)
def test_local_policy_covers_a_course_up_to_a_maximum(price, most, paid):
    assert covered(price, most) == paid


def test_caps_of_a_pop_up_venue_outside_every_region():
    """Admitted with dates by the national service; the card's own region still says whether its cards go out."""
    popup = replace(ROUTA, home_region=None, regions=frozenset(), admitted=(TODAY, TODAY))
    assert refuse_use(ask(), situation(venue=popup)) is None
    assert refuse_use(ask(), situation(venue=popup, card=replace(CARD, region=SAVONLINNA))) == Refusal.REGION_CLOSED_OUT
    yesterday = replace(popup, admitted=(TODAY - timedelta(days=2), TODAY - timedelta(days=1)))
    assert refuse_use(ask(), situation(venue=yesterday)) == Refusal.VENUE_NOT_ACTIVE


counts = st.integers(0, 100)
near = st.dates(TODAY - timedelta(days=800), TODAY + timedelta(days=800))


@given(
    asked=st.builds(
        Ask,
        id=st.just("1"),
        code=st.sampled_from(["7KM9QX2TR7", None]),
        day=near,
        offering=st.sampled_from(["e", None]),
        kind=st.sampled_from(RecordKind),
        at=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(HELSINKI)),  # noqa: DTZ001
        source=st.sampled_from(Source),
        holder=counts,
        children=counts,
        assistants=counts,
        clients=counts,
        workers=counts,
        until=st.none() | near,
        happened=st.booleans(),
    ),
    card=st.sampled_from([CARD, None, replace(CARD, community=True), CardHere(CardLife(), False, None, None)]),
    offering=st.sampled_from(
        [EVENT, None, replace(EVENT, kind=OfferingKind.OPEN, weekdays=1), replace(EVENT, kind=OfferingKind.COURSE)]
    ),
    places=st.builds(Places, cap=st.none() | counts, children_cap=st.none() | counts, taken=counts),
    pending=st.booleans(),
)
def test_no_row_breaks_the_rules(asked, card, offering, places, pending):
    """Every row gets one of the answers; a green one is never given to a card that is not known and valid (S24)."""
    at = situation(card=card, offering=offering, places=places, network=network(PENDING_USE=pending))
    judgement = judge(asked, at)
    assert judgement.status in Status
    assert (judgement.refusal is None) == (judgement.status in (Status.RECORDED, Status.PENDING))
    if judgement.status == Status.RECORDED:
        assert card is not None
        assert asked.code is not None
        assert card.life.valid_on(asked.day)
        assert places.fit(asked)
    if judgement.status == Status.FLAGGED and asked.happened:
        assert judgement.refusal not in NEVER_STORED
        assert asked.day <= TODAY
    if judgement.refusal in COUNT_WHEN_SETTLED and not asked.happened:
        assert judgement.status in (Status.REFUSED, Status.ALREADY_RECORDED)
