"""A card is renewed, given back, and looked after elsewhere (rules 2, 5, 9)."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.cards import Holder, IdReused, Issued, issue_card, life_of, own_card
from kaikukortti.actions.looking_after import block_card, correct_holder, end_card, move_card, replace_card
from kaikukortti.actions.renewal import Renewed, newest_spell, renew_card, renewal_outlook
from kaikukortti.models import Card, CardFact, CountedFact, Membership, NetworkVersion, RegionMembership
from kaikukortti.rules.cards import card_state
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.kinds import CardFactKind, CountedKind, MoveReason, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState

pytestmark = pytest.mark.database

NEAR_ITS_END = timedelta(days=330)


@pytest.fixture
def old(cast):
    """A card that ends in a month: given on 29 December 2025, last day 28 December 2026."""
    return card_of(cast.card(minors=2, issued=cast.now - NEAR_ITS_END), cast)


def card_of(code, cast):
    card = own_card(code, by=cast.aino)
    assert isinstance(card, Card)
    return card


def coarse(card):
    """As retention leaves the holder's data."""
    card.holder.birth_year, card.holder.postal_code, card.holder.exact_until = None, "", None
    card.holder.save()


def leaves_the_network(cast, municipality):
    RegionMembership.objects.create(
        municipality_id=municipality, since=date(2026, 11, 1), region=None, entered_at=cast.now
    )
    NetworkVersion.bump()


def test_an_early_renewal_begins_the_day_after_the_last_one(cast, old):
    line = old.line_id
    answer = renew_card(old, by=cast.aino, now=cast.now)
    assert answer == Renewed(old.serial, date(2026, 12, 29), date(2027, 12, 28), 2, old.pk)
    old.refresh_from_db()
    assert (old.line_id, old.later, old.region) == (line, False, cast.regions["kainuu"])
    fact = CountedFact.objects.get(kind=CountedKind.RENEWAL)
    assert (fact.day, fact.residence_id, fact.age_band, fact.later_card) == (cast.now.date(), "205", 1980, False)
    assert newest_spell(old) == answer


def test_a_later_renewal_begins_today_and_leaves_a_gap(cast):
    card = card_of(cast.card(issued=cast.now - timedelta(days=400)), cast)
    answer = renew_card(card, by=cast.aino, now=cast.now)
    assert isinstance(answer, Renewed)
    assert (answer.since, answer.last_valid_day) == (date(2026, 11, 24), date(2027, 11, 23))
    assert not life_of(card).valid_on(date(2026, 11, 1))
    assert cast.use(card_code := cast.given[-1]).status == Status.RECORDED, card_code


def test_too_early_says_from_when(cast):
    card = card_of(cast.card(), cast)
    outlook = renewal_outlook(card, by=cast.aino, now=cast.now)
    assert (outlook.refusal, outlook.begins) == (Refusal.TOO_EARLY_TO_RECORD, date(2027, 9, 24))
    assert renew_card(card, by=cast.aino, now=cast.now) == Refusal.TOO_EARLY_TO_RECORD
    on_the_day = datetime(2027, 9, 24, 12, tzinfo=HELSINKI)
    assert isinstance(renew_card(card, by=cast.aino, now=on_the_day), Renewed)


def test_a_second_press_gets_the_first_answer_and_no_second_year(cast, old):
    press = uuid4()
    first = renew_card(old, by=cast.aino, now=cast.now, id=press)
    assert renew_card(old, by=cast.aino, now=cast.now, id=press) == first
    assert renew_card(old, by=cast.aino, now=cast.now) == Refusal.TOO_EARLY_TO_RECORD
    assert CountedFact.objects.filter(kind=CountedKind.RENEWAL).count() == 1
    other = card_of(cast.card(issued=cast.now - NEAR_ITS_END), cast)
    with pytest.raises(IdReused):
        renew_card(other, by=cast.aino, now=cast.now, id=press)


def test_where_the_municipality_has_left_the_network_the_card_lives_on_and_is_not_renewed(cast, old):
    leaves_the_network(cast, "205")
    assert card_state(life_of(old), cast.now) == CardState.ACTIVE
    assert renew_card(old, by=cast.aino, now=cast.now) == Refusal.MUNICIPALITY_NOT_IN_NETWORK
    # Whoever has moved to a municipality that is in it is renewed, and the card's area is looked up anew.
    moved = Holder(birth_year=None, minors=1, postal_code="88900")
    assert isinstance(renew_card(old, by=cast.aino, now=cast.now, holder=moved), Renewed)
    old.holder.refresh_from_db()
    assert (old.holder.municipality_id, old.holder.minors, old.holder.birth_year) == ("290", 1, 1980)


def test_a_regions_last_day_is_respected(cast, old):
    cast.policy(Policy.VALIDITY_ENDS, "2027-05-31", region="kainuu")
    answer = renew_card(old, by=cast.aino, now=cast.now)
    assert isinstance(answer, Renewed)
    assert answer.last_valid_day == date(2027, 5, 31)
    late = card_of(cast.card(issued=cast.now - NEAR_ITS_END), cast)
    cast.policy(Policy.VALIDITY_ENDS, "2026-12-28", region="kainuu")
    assert renew_card(late, by=cast.aino, now=cast.now) == Refusal.MUNICIPALITY_NOT_IN_NETWORK


def test_data_made_coarse_are_enough(cast, old):
    coarse(old)
    answer = renew_card(
        old, by=cast.aino, now=cast.now, holder=Holder(birth_year=None, minors=3, municipality="290", may_remind=True)
    )
    assert isinstance(answer, Renewed)
    holder = Card.objects.get(pk=old.pk).holder
    assert (holder.birth_year, holder.birth_band, holder.postal_code) == (None, 1980, "")
    assert (holder.municipality_id, holder.minors, holder.may_remind, holder.exact_until) == ("290", 3, True, None)


def test_data_made_coarse_are_corrected_as_they_are_kept(cast, old):
    coarse(old)
    for holder in (
        Holder(birth_year=None, minors=4, municipality="205"),
        Holder(birth_year=1991, minors=4, postal_code="87100"),  # exact data again are not taken
    ):
        assert correct_holder(old, holder=holder, by=cast.aino, now=cast.now) == {}
        kept = Card.objects.get(pk=old.pk).holder
        assert (kept.birth_year, kept.birth_band, kept.postal_code, kept.minors) == (None, 1980, "", 4)
    assert CardFact.objects.get(kind=CardFactKind.CORRECTED).corrected == ["minors"]


def test_who_has_moved_lives_elsewhere_from_today_and_the_registration_stays(cast, old):
    moved = Holder(birth_year=1980, minors=2, postal_code="00100")
    assert correct_holder(old, holder=moved, by=cast.aino, now=cast.now, moved=True) == {}
    assert CountedFact.objects.get(kind=CountedKind.REGISTRATION).residence_id == "205"
    fact = CardFact.objects.filter(kind=CardFactKind.CORRECTED).earliest("pk")
    assert (fact.corrected, fact.reason) == (["municipality", "postal_code"], MoveReason.HOLDER_MOVED)
    assert card_state(life_of(old), cast.now) == CardState.ACTIVE
    assert renew_card(old, by=cast.aino, now=cast.now) == Refusal.MUNICIPALITY_NOT_IN_NETWORK
    # What is kept already is not judged again; what was typed wrong is, as of the issue.
    more_children = Holder(birth_year=1980, minors=3, postal_code="00100")
    assert correct_holder(old, holder=more_children, by=cast.aino, now=cast.now) == {}
    typed_wrong = Holder(birth_year=1980, minors=3, postal_code="94100")
    refused = correct_holder(old, holder=typed_wrong, by=cast.aino, now=cast.now)
    assert refused == {"postal_code": Refusal.MUNICIPALITY_NOT_IN_NETWORK}


def test_a_birth_year_that_was_misheard_moves_the_band_also_after_a_move(cast, old):
    moved = Holder(birth_year=1991, minors=2, postal_code="88900")
    assert correct_holder(old, holder=moved, by=cast.aino, now=cast.now, moved=True) == {}
    fact = CountedFact.objects.get(kind=CountedKind.REGISTRATION, withdrawn_at__isnull=True)
    assert (fact.age_band, fact.residence_id) == (1990, "205")


def test_a_community_card_is_renewed_by_its_workplace(cast):
    code = cast.blank()
    issue_card(code, by=cast.aino, now=cast.now - NEAR_ITS_END)
    card = card_of(code, cast)
    answer = renew_card(card, by=cast.aino, now=cast.now)
    assert isinstance(answer, Renewed)
    assert (answer.last_valid_day, answer.minors) == (date(2027, 12, 28), 0)
    fact = CountedFact.objects.get(kind=CountedKind.RENEWAL)
    assert (fact.community, fact.residence_id, fact.age_band) == (True, "205", None)


@pytest.mark.parametrize("what", ["blank", "blocked", "replaced"])
def test_what_cannot_be_renewed_says_why(cast, old, what):
    if what == "blank":
        old = card_of(cast.blank(), cast)
    elif what == "blocked":
        block_card(old, reason="lost", by=cast.aino, now=cast.now)
    else:
        replace_card(old, cast.blank(), reason="lost", by=cast.aino, now=cast.now)
    refusals = {
        "blank": Refusal.CARD_UNREGISTERED,
        "blocked": Refusal.CARD_BLOCKED,
        "replaced": Refusal.CARD_REPLACED,
    }
    assert renew_card(old, by=cast.aino, now=cast.now) == refusals[what]


def test_only_its_own_workplace_renews_and_ends_a_card(cast, old):
    oskari = cast.actor("other")
    for act in (renew_card, end_card):
        with pytest.raises(NotAllowed):
            act(old, by=oskari, now=cast.now)


# --- given back ---------------------------------------------------------------------------------------------------


def test_a_card_that_is_given_back_opens_nothing_any_more(cast):
    code = cast.card(issued=cast.now - timedelta(days=40))
    card = card_of(code, cast)
    for _ in range(2):
        assert end_card(card, by=cast.aino, now=cast.now) is None
    assert cast.check(code).refusal == Refusal.CARD_EXPIRED
    assert life_of(card).last_day == date(2026, 11, 23)
    assert CountedFact.objects.filter(kind=CountedKind.EARLY_END).count() == 1
    block_card(card, reason="lost", by=cast.aino, now=cast.now)
    assert end_card(card, by=cast.aino, now=cast.now) == Refusal.CARD_BLOCKED


def test_a_card_given_back_and_wanted_again_is_renewed_from_today(cast):
    """Also when all of it happens in the same second, and on the day it was given."""
    code = cast.card(issued=cast.now - timedelta(hours=1))
    card = card_of(code, cast)
    for _ in range(2):
        end_card(card, by=cast.aino, now=cast.now)
        assert card_state(life_of(card), cast.now) == CardState.EXPIRED
        assert cast.check(code).refusal == Refusal.CARD_EXPIRED
        assert isinstance(renew_card(card, by=cast.aino, now=cast.now), Renewed)
        assert life_of(card).spells == ((date(2026, 11, 24), date(2027, 11, 23)),)
        assert cast.check(code).refusal is None


def test_a_renewal_ahead_goes_with_a_card_that_is_given_back(cast, old):
    renew_card(old, by=cast.aino, now=cast.now)
    end_card(old, by=cast.aino, now=cast.now)
    assert life_of(old).last_day == date(2026, 11, 23)


# --- another workplace --------------------------------------------------------------------------------------------


@pytest.fixture
def clinic(cast):
    """Another issuer of Kainuu."""
    from kaikukortti.models import Membership, User, Workplace

    place = cast.workplaces["clinic"] = Workplace.objects.create(
        role="issuer",
        name_fi="Kuhmon terveysasema",
        municipality_id="290",
        home_region=cast.regions["kainuu"],
        since=date(2015, 1, 1),
    )
    user = User.objects.create(username="kirsi", name="Kirsi", made_at=cast.now)
    Membership.objects.create(user=user, workplace=place, is_contact=True, since=cast.now)
    NetworkVersion.bump()
    return place


def test_a_coordinator_lets_another_workplace_renew_the_card(cast, old, clinic):
    assert move_card(old, clinic, reason="closed", by=cast.kaisa, now=cast.now) is None
    fact = CardFact.objects.get(kind=CardFactKind.MOVED)
    assert (fact.reason, fact.workplace, fact.by) == (MoveReason.WORKPLACE_CLOSED, cast.workplaces["kainuu"], fact.by)
    with pytest.raises(NotAllowed):
        renew_card(old, by=cast.aino, now=cast.now)
    old.refresh_from_db()
    assert isinstance(renew_card(old, by=cast.actor("clinic"), now=cast.now), Renewed)


def test_nobody_moves_a_card_to_where_they_work_themselves(cast, old, clinic):
    """They would read its holder's data, which coordinators do not (who sees what)."""
    Membership.objects.create(user=cast.kaisa.user, workplace=clinic, is_contact=False, since=cast.now)
    with pytest.raises(NotAllowed):
        move_card(old, clinic, reason="closed", by=cast.kaisa, now=cast.now)
    assert Card.objects.get(pk=old.pk).workplace == cast.workplaces["office"]


def test_moving_a_card_where_it_is_tells_nothing(cast, old, clinic):
    """Whose the card was is told to no coordinator: the answer is the same."""
    assert move_card(old, cast.workplaces["office"], reason="service", by=cast.kaisa, now=cast.now) is None
    assert not CardFact.objects.filter(kind=CardFactKind.MOVED).exists()


def test_who_may_let_whom_look_after_a_card(cast, old):
    espoo, routa = cast.workplaces["other"], cast.workplaces["routa"]
    assert move_card(old, espoo, reason="holder-moved", by=cast.kaisa, now=cast.now) == WhyNot.NOT_YOURS
    assert move_card(old, routa, reason="closed", by=cast.nelli, now=cast.now) == WhyNot.ONLY_FOR_ISSUERS
    with pytest.raises(NotAllowed):
        move_card(old, espoo, reason="closed", by=cast.aino, now=cast.now)
    with pytest.raises(ValueError, match="is not a valid"):
        move_card(old, espoo, reason="left it", by=cast.nelli, now=cast.now)
    assert move_card(old, espoo, reason="holder-moved", by=cast.nelli, now=cast.now) is None
    assert Card.objects.get(pk=old.pk).workplace == espoo
    # A coordinator reaches no card of another region.
    theirs = card_of(cast.card(), cast)
    Card.objects.filter(pk=theirs.pk).update(region=cast.regions["espoo"])
    assert (
        move_card(theirs, cast.workplaces["office"], reason="closed", by=cast.kaisa, now=cast.now) == WhyNot.NOT_YOURS
    )


# --- replaced with a season pass waiting -------------------------------------------------------------------------


def test_a_season_pass_that_waited_on_the_new_card_comes_along_with_all_its_days(cast):
    from kaikukortti.models import SeasonDay
    from kaikukortti.terms.kinds import OfferingKind, RecordKind

    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    code, new = cast.card(), cast.blank()
    swimming = cast.offering("hall", OfferingKind.OPEN)
    until = cast.now.date() + timedelta(days=5)
    season = {"offering": swimming, "by": cast.salla, "kind": RecordKind.SEASON, "until": until}
    assert cast.use(new, **season).status == Status.PENDING
    card = card_of(code, cast)
    assert SeasonDay.objects.count() == 5
    replace_card(card, new, reason="broken", by=cast.aino, now=cast.now)
    assert SeasonDay.objects.filter(line=card.line_id).count() == 5
    assert cast.use(new, offering=swimming, by=cast.salla).status == Status.ALREADY_RECORDED


def test_a_second_press_of_a_replacement_gets_the_first_answer(cast, old):
    press, new = uuid4(), cast.blank()
    first = replace_card(old, new, reason="lost", by=cast.aino, now=cast.now, id=press)
    assert replace_card(old, new, reason="lost", by=cast.aino, now=cast.now, id=press) == first
    assert CardFact.objects.filter(kind=CardFactKind.REPLACED).count() == 1


def test_a_card_blocked_now_gets_its_successor_later(cast, old):
    block_card(old, reason="stolen", by=cast.aino, now=cast.now)
    later = cast.now + timedelta(days=2)
    answer = replace_card(old, cast.blank(), reason="stolen", by=cast.aino, now=later)
    assert isinstance(answer, Issued)
    assert answer.last_valid_day == date(2026, 12, 28)
