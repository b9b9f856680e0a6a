"""Letting people in and out."""

from datetime import timedelta

import pytest

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.people import (
    LinkGone,
    MadeLink,
    UsernameTaken,
    change_contact,
    choose_password,
    come_in,
    invite_first,
    invite_person,
    join_too,
    make_token,
    open_link,
    remove_member,
    reset_password,
    revoke_token,
    take_back_link,
)
from kaikukortti.actions.sign_in import NAME, PAIR, TooManyTries, check_password
from kaikukortti.models import Invitation, Membership, SignInTries, Token, User, Workplace
from kaikukortti.terms.grants import WhyNot
from tests.cast import NOW

pytestmark = pytest.mark.database

PASSWORD = "kolme sinistä venettä"


def member_of(cast, name, **facts):
    user = User.objects.create(username=f"{name}-{Membership.objects.count()}", name="Maija", made_at=NOW)
    return Membership.objects.create(user=user, workplace=cast.workplaces[name], since=NOW, **facts)


def reset(member, by):
    made = reset_password(member, by=by, now=NOW)
    assert isinstance(made, MadeLink)
    return made


def invite(cast, name="routa", by=None, **facts):
    return invite_person(cast.workplaces[name], name="Maija", by=by or cast.ville, now=NOW, **facts)


# --- links ---


def test_a_person_comes_in_once_with_a_link(cast):
    made = invite(cast)
    member = come_in(made.secret, username=" Maija ", password=PASSWORD, now=NOW)
    assert (member.user.username, member.user.name, member.workplace.name) == ("maija", "Maija", "Routa Company")
    assert not member.is_contact
    assert check_password("MAIJA", PASSWORD, address="1", now=NOW) == member.user
    with pytest.raises(LinkGone):
        come_in(made.secret, username="other", password=PASSWORD, now=NOW)


def test_the_link_itself_is_stored_nowhere(cast):
    made = invite(cast)
    stored = Invitation.objects.get()
    assert stored.digest == link_digest(made.secret)
    assert made.secret not in str(vars(stored))


def test_a_link_works_for_seven_days(cast):
    made = invite(cast)
    assert open_link(made.secret, now=NOW + timedelta(days=6, hours=23))
    assert open_link(made.secret, now=NOW + timedelta(days=7)) is None


def test_a_link_taken_back_opens_nothing(cast):
    made = invite(cast)
    take_back_link(made.invitation, by=cast.ville, now=NOW)
    assert open_link(made.secret, now=NOW) is None


def test_two_who_use_one_link_at_once_are_one(cast, transactional_db, at_once):
    made = invite(cast)

    def try_it(number):
        return come_in(made.secret, username=f"maija{number}", password=PASSWORD, now=NOW)

    answers = at_once(4, try_it)
    assert sorted(type(answer).__name__ for answer in answers) == ["LinkGone"] * 3 + ["Membership"]


def test_a_taken_user_name_leaves_the_link_as_it_was(cast):
    made = invite(cast)
    with pytest.raises(UsernameTaken):
        come_in(made.secret, username="AINO", password=PASSWORD, now=NOW)
    assert come_in(made.secret, username="maija", password=PASSWORD, now=NOW)


def test_who_signs_in_already_joins_with_the_same_name(cast):
    made = invite(cast, is_contact=True)
    member = join_too(made.secret, user=cast.aino.user, now=NOW)
    assert member.is_contact
    assert Membership.objects.current().filter(user=cast.aino.user).count() == 2


def test_only_coordinators_have_a_side(cast):
    assert invite(cast, side="culture").invitation.side == ""
    assert invite(cast, "kainuu", by=cast.kaisa, side="culture").invitation.side == "culture"


def test_the_first_contact_person_of_a_new_register(cast):
    made = invite_first(name="Eka", municipality="091", now=NOW)
    assert come_in(made.secret, username="eka", password=PASSWORD, now=NOW).is_contact


# --- new passwords ---


def test_a_register_whose_national_service_has_ended_is_opened_again_from_the_server(cast):
    Workplace.objects.filter(pk=cast.workplaces["national"].pk).update(until=NOW.date() - timedelta(days=1))
    made = invite_first(name="Nelli", municipality="091", now=NOW)
    assert made.invitation.workplace != cast.workplaces["national"]


def test_a_link_to_a_new_password_lets_nobody_new_in(cast):
    member = member_of(cast, "routa")
    made = reset(member, cast.ville)
    with pytest.raises(LinkGone):
        come_in(made.secret, username="other", password=PASSWORD, now=NOW)


def test_a_new_password_is_chosen_by_the_person(cast):
    member = member_of(cast, "routa")
    made = reset(member, cast.ville)
    assert choose_password(made.secret, password=PASSWORD, now=NOW) == member.user
    assert check_password(member.user.username, PASSWORD, address="1", now=NOW) == member.user


def test_a_contact_person_cannot_take_over_whoever_works_elsewhere_too(cast):
    member = member_of(cast, "routa")
    Membership.objects.create(user=member.user, workplace=cast.workplaces["national"], since=NOW)
    assert reset_password(member, by=cast.ville, now=NOW) == WhyNot.WORKS_ELSEWHERE_TOO
    assert Invitation.objects.count() == 0
    assert reset(member, cast.nelli).invitation.user == member.user


def test_a_link_to_a_new_password_ends_when_the_person_joins_another_workplace(cast):
    member = member_of(cast, "routa")
    old = reset(member, cast.ville)
    more = invite(cast, "national", by=cast.nelli)
    join_too(more.secret, user=member.user, now=NOW)
    assert open_link(old.secret, now=NOW) is None


def test_a_link_to_a_new_password_ends_with_the_membership(cast):
    member = member_of(cast, "routa")
    made = reset(member, cast.ville)
    remove_member(member, by=cast.ville, now=NOW)
    assert open_link(made.secret, now=NOW) is None


# --- members ---


def test_a_removed_member_is_out_at_once_with_the_links_they_made(cast):
    second = member_of(cast, "routa", is_contact=True)
    left_behind = invite(cast)
    ville = cast.ville.membership
    assert left_behind.invitation.made_by == ville.user
    assert remove_member(ville, by=cast.nelli, now=NOW) is None
    assert list(Membership.objects.current().filter(workplace=cast.workplaces["routa"])) == [second]
    assert open_link(left_behind.secret, now=NOW) is None


def test_links_to_other_workplaces_end_with_who_may_no_longer_let_anybody_in_there(cast):
    """A coordinator on the way out keeps no way back in through a venue; where the person is a contact, links stay."""
    kaisa, other = cast.kaisa, member_of(cast, "kainuu", is_contact=True)
    through_a_venue, own = invite(cast, by=kaisa, is_contact=True), None
    Membership.objects.create(user=kaisa.user, workplace=cast.workplaces["hall"], is_contact=True, since=NOW)
    own = invite(cast, "hall", by=kaisa)
    by = Actor(workplace=other.workplace, user=other.user, membership=other)
    assert remove_member(kaisa.membership, by=by, now=NOW) is None
    assert open_link(through_a_venue.secret, now=NOW) is None
    assert open_link(own.secret, now=NOW) is not None


def test_the_last_contact_person_stays(cast):
    member_of(cast, "routa")
    ville = cast.ville.membership
    assert remove_member(ville, by=cast.nelli, now=NOW) == WhyNot.LAST_CONTACT
    assert change_contact(ville, is_contact=False, by=cast.nelli, now=NOW) == WhyNot.LAST_CONTACT
    ville.refresh_from_db()
    assert ville.is_contact
    assert ville.ended_at is None


def test_two_contact_persons_who_remove_each_other_leave_one(cast, transactional_db, at_once):
    first, second = cast.ville.membership, member_of(cast, "routa", is_contact=True)
    by = cast.nelli
    answers = at_once(2, lambda number: remove_member((first, second)[number], by=by, now=NOW))
    assert {*answers} == {None, WhyNot.LAST_CONTACT}
    assert Membership.objects.current().filter(workplace=cast.workplaces["routa"], is_contact=True).count() == 1


def test_removing_twice_is_calm(cast):
    member = member_of(cast, "routa")
    assert remove_member(member, by=cast.ville, now=NOW) is None
    assert remove_member(member, by=cast.ville, now=NOW) is None


@pytest.mark.parametrize("name", ["office", "hall", "tapiola", "luukku", "analyst"])
def test_others_have_no_right(cast, name):
    member = member_of(cast, "routa")
    by = cast.actor(name)
    for act in (
        lambda: invite(cast, by=by),
        lambda: reset_password(member, by=by, now=NOW),
        lambda: remove_member(member, by=by, now=NOW),
        lambda: change_contact(member, is_contact=True, by=by, now=NOW),
        lambda: make_token(cast.workplaces["routa"], label="till", by=by, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_coordinator_looks_after_the_own_region(cast):
    assert invite(cast, by=cast.kaisa)
    with pytest.raises(NotAllowed):
        invite(cast, "tapiola", by=cast.kaisa)
    with pytest.raises(NotAllowed):
        invite(cast, "national", by=cast.kaisa)


# --- tokens ---


def test_a_token_is_shown_once_and_revoked(cast):
    secret = make_token(cast.workplaces["routa"], label="till", by=cast.ville, now=NOW)
    token = Token.objects.get()
    assert token.digest == link_digest(secret)
    assert secret.startswith("kaiku_")
    revoke_token(token, by=cast.ville, now=NOW)
    revoke_token(token, by=cast.ville, now=NOW + timedelta(days=1))
    token.refresh_from_db()
    assert token.revoked_at == NOW


def test_no_token_for_who_makes_no_calls(cast):
    with pytest.raises(NotAllowed):
        make_token(cast.workplaces["kainuu"], label="x", by=cast.nelli, now=NOW)


# --- guessing ---


@pytest.fixture
def aino(cast):
    user = cast.aino.user
    user.set_password(PASSWORD)
    user.save()
    return user


def test_guessing_takes_a_break_and_ends_with_the_quarter(aino):
    for _ in range(PAIR):
        assert check_password("aino", "wrong", address="1", now=NOW) is None
    with pytest.raises(TooManyTries):
        check_password("Aino ", PASSWORD, address="1", now=NOW)
    assert check_password("aino", PASSWORD, address="2", now=NOW) == aino
    assert check_password("aino", PASSWORD, address="1", now=NOW + timedelta(minutes=15)) == aino


def test_a_name_that_nobody_has_takes_the_same_break(aino):
    for _ in range(PAIR):
        assert check_password("nobody", "wrong", address="1", now=NOW) is None
    with pytest.raises(TooManyTries):
        check_password("nobody", "wrong", address="1", now=NOW)


def test_one_name_from_many_addresses_takes_a_break_too(aino):
    for number in range(NAME):
        assert check_password("aino", "wrong", address=f"{number}", now=NOW) is None
    with pytest.raises(TooManyTries):
        check_password("aino", PASSWORD, address="new", now=NOW)


def test_signing_in_many_times_with_the_right_password_is_no_guessing(aino):
    for _ in range(PAIR + 2):
        assert check_password("aino", PASSWORD, address="1", now=NOW) == aino


def test_tries_name_nobody_and_are_gone_after_a_day(aino):
    check_password("aino", "wrong", address="192.0.2.7", now=NOW)
    stored = str(list(SignInTries.objects.values()))
    assert "aino" not in stored
    assert "192.0.2.7" not in stored
    check_password("x", "wrong", address="2", now=NOW + timedelta(days=2))
    assert not SignInTries.objects.filter(since__lt=NOW + timedelta(days=1)).exists()


def test_a_closed_account_does_not_sign_in(aino):
    User.objects.filter(pk=aino.pk).update(is_active=False)
    assert check_password("aino", PASSWORD, address="1", now=NOW) is None
