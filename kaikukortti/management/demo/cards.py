"""The demo's listed cards: one for every case a till may meet, and the blank ones in the first issuer's drawer."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.batches import void_batch
from kaikukortti.actions.cards import Holder, Issued, issue_card, life_of
from kaikukortti.actions.codes import MadeCode, code_digests, make_code
from kaikukortti.actions.demo import bring_to_day
from kaikukortti.actions.known import Use, ask_of, load_known, situation_of
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.sandbox import VOID_CARD
from kaikukortti.management.demo import derived
from kaikukortti.management.demo.people import actor
from kaikukortti.models import Batch, Card, Workplace
from kaikukortti.rules.cards import last_valid_day
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.uses import child_places, judge
from kaikukortti.terms.days import HELSINKI, helsinki_day
from kaikukortti.terms.kinds import BlockReason, Status
from kaikukortti.terms.refusals import Refusal

BLANKS, FEWEST_BLANKS = 520, 400
MADE_BEFORE = timedelta(days=30)

Steps = Callable[[Iterable[MadeCode], int], Iterable[MadeCode]]


@dataclass(frozen=True, slots=True)
class Case:
    """A listed card. `issued` counts days back from today; None stays blank or is never made at all."""

    name: str
    issuer: str = "office"
    issued: int | None = None
    holder: Holder | None = None
    made: bool = True


def _holder(birth_year: int, minors: int = 0, postal_code: str = "87100") -> Holder:
    return Holder(birth_year=birth_year, minors=minors, postal_code=postal_code)


def cases(today: date) -> list[Case]:
    """The cases of the contract, in its order."""
    return [
        Case("active-without-children", issued=40, holder=_holder(1958)),
        Case("active-two-children", issued=100, holder=_holder(1986, minors=2)),
        Case("valid-today-only", issued=days_back(today, last=today), holder=_holder(1991, minors=1)),
        Case("expired-yesterday", issued=days_back(today, last=today - timedelta(days=1)), holder=_holder(1979)),
        Case("issued-on-29-february", issued=(today - leap_day(today)).days, holder=_holder(1968)),
        Case("blocked", issued=60, holder=_holder(2001)),
        Case("replaced", issued=60, holder=_holder(1983, minors=3)),
        Case("replaced-successor"),
        Case("unregistered"),
        Case("unknown-code", made=False),
        Case("wrong-check-character", made=False),
        Case("pilot-closed-both-ways", "savonlinna-office", issued=30, holder=_holder(1995, 1, "57100")),
        Case("community", issued=50),
    ]


def days_back(today: date, *, last: date) -> int:
    """How many days ago a card was issued whose last valid day is `last`. No card's is 28 February of a leap year:
    then the day before, and `bring_to_day` adds one."""
    return next(back for back in range(360, 370) if last_valid_day(today - timedelta(days=back)) <= last)


def leap_day(today: date) -> date:
    """The latest 29 February."""
    year = next(year for year in range(today.year, today.year - 9, -1) if _has_leap_day(year, today))
    return date(year, 2, 29)


def _has_leap_day(year: int, today: date) -> bool:
    try:
        return date(year, 2, 29) <= today
    except ValueError:
        return False


def code_of(case: str) -> str:
    return derived.misread_code(case) if case == "wrong-check-character" else derived.code(case)


def _make_with_secret(code: str, *, secrets: Mapping[str, str]) -> MadeCode:
    return make_code(code, secret=secrets.get(code, ""))


class Cards:
    """Makes what is missing and brings the rest to today, as often as one likes."""

    def __init__(self, workplaces: dict[str, Workplace], *, now: datetime, steps: Steps) -> None:
        self.workplaces, self.now, self.steps = workplaces, now, steps
        self.today = helsinki_day(now)

    def deal(self) -> list[str]:
        """Listed cards and blanks; gives the codes of the blanks that nobody has used."""
        wanted = [case for case in cases(self.today) if case.made]
        self._make([case for case in wanted if case.issuer == "office"], made_at=self._at(leap_day(self.today)))
        self._make([case for case in wanted if case.issuer != "office"], made_at=self._back(60))
        for case in wanted:
            if (case.issued is not None and case.holder) or case.name == "community":
                self._issue(case)
        self._void(VOID_CARD)
        self._block("blocked")
        self._replace("replaced", "replaced-successor")
        bring_to_day(
            until_today=[self._card("valid-today-only")],
            until_yesterday=[self._card("expired-yesterday")],
            in_use=[
                self._card(name)
                for name in (
                    "active-without-children",
                    "active-two-children",
                    "replaced-successor",
                    "pilot-closed-both-ways",
                    "community",
                )
            ],
            today=self.today,
            now=self.now,
        )
        return self._blanks()

    def _at(self, day: date) -> datetime:
        return min(datetime.combine(day, time(10, 30), HELSINKI), self.now)

    def _back(self, days: int) -> datetime:
        return self._at(self.today - timedelta(days=days))

    def _card(self, name: str) -> Card:
        return Card.objects.get(digest__in=code_digests(code_of(name)))

    def _make(self, wanted: list[Case], *, made_at: datetime) -> None:
        secrets = {code_of(case.name): derived.secret(case.name) for case in wanted if case.name != "community"}
        issuer = self.workplaces[wanted[0].issuer]
        codes = [code_of(case.name) for case in wanted]
        self._make_codes(codes, issuer, made_at=made_at - MADE_BEFORE, secrets=secrets)

    def _make_codes(
        self, codes: list[str], issuer: Workplace, *, made_at: datetime, secrets: Mapping[str, str] | None = None
    ) -> None:
        """The codes that the register does not know yet, in one batch. The offline tags are real: stretching them takes
        16 ms each and leaves Python's lock free."""
        missing = [code for code in codes if not Card.objects.filter(digest__in=code_digests(code)).exists()]
        if not missing:
            return
        with ThreadPoolExecutor(4) as pool:
            make = partial(_make_with_secret, secrets=secrets or {})
            made = list(self.steps(pool.map(make, missing), len(missing)))
        make_cards(issuer, size=len(made), by=actor(issuer), now=made_at, codes=made)

    def _issue(self, case: Case) -> None:
        card = self._card(case.name)
        if life_of(card).registered_at is None:
            at = self._back(case.issued or 0)
            by = actor(self.workplaces[case.issuer])
            answer = issue_card(code_of(case.name), by=by, now=at, holder=case.holder)
            assert isinstance(answer, Issued), (case.name, answer)

    def _void(self, name: str) -> None:
        """A card of the sandbox, spoiled before it was given to anybody."""
        code, national = code_of(name), actor(self.workplaces["national"])
        if not Card.objects.filter(digest__in=code_digests(code)).exists():
            office = self.workplaces["office"]
            batch = Batch.objects.create(workplace=office, size=1, made_at=self._back(30), by=national.user)
            made = make_code(code)
            make_cards(office, size=1, by=national, now=self._back(30), codes=[made], batch=batch)
            void_batch(batch, by=national, now=self._back(29))

    def _block(self, name: str) -> None:
        card = self._card(name)
        if life_of(card).blocked_at is None:
            by = actor(self.workplaces["office"])
            block_card(card, reason=BlockReason.LOST, by=by, now=self._back(10))

    def _replace(self, name: str, successor: str) -> None:
        card = self._card(name)
        if life_of(card).replaced_at is None:
            by = actor(self.workplaces["office"])
            replace_card(card, code_of(successor), reason=BlockReason.BROKEN, by=by, now=self._back(5))

    def _blanks(self) -> list[str]:
        """Unused blank codes of the first issuer; the drawer is filled up when it runs low."""
        blanks: list[str] = []
        first = 0
        while len(blanks) < FEWEST_BLANKS:
            codes = [derived.code(f"blank {number}") for number in range(first, first + BLANKS)]
            digests = {digest: code for code in codes for digest in code_digests(code)}
            if not Card.objects.filter(digest__in=digests).exists():
                self._make_codes(codes, self.workplaces["office"], made_at=self._back(30))
            unused = set(Card.objects.blank().filter(digest__in=digests).values_list("digest", flat=True))
            blanks += [code for digest, code in digests.items() if digest in unused]
            first += BLANKS
        return blanks


def slips(*, now: datetime) -> list[dict[str, str]]:
    """What stands on the slips of the listed cards that somebody holds: with serial and secret their own pages open."""
    held = {code_of(case.name): case.name for case in cases(helsinki_day(now)) if case.holder}
    digests = {digest: case for code, case in held.items() for digest in code_digests(code)}
    serials = dict(Card.objects.filter(digest__in=digests).values_list("digest", "serial"))
    return [
        {"case": case, "serial": serials[digest], "secret": derived.secret(case)}
        for digest, case in digests.items()
        if digest in serials
    ]


def answers(venue: Actor, *, now: datetime) -> list[dict[str, object]]:
    """Each listed card as the first venue is told of it today, without an offering and as if it had not been here yet.

    The rules are asked without the till's side effects: nothing is tallied and no miss is counted.
    """
    told = []
    for case in cases(helsinki_day(now)):
        code = code_of(case.name)
        read = read_code(code)
        use = Use(id=UUID(int=0), code=code, day=helsinki_day(now), clients=int(case.name == "community"))
        known = load_known([use], {code: read}, by=venue, now=now, lock=False)
        known.past.clear()
        card = known.cards.get(read or "")
        ask = ask_of(use, read, community=card is not None and card.community)
        situation = situation_of(ask, use, card, known, by=venue, now=now)
        assert situation is not None
        judgement = judge(ask, situation)
        allowed = judgement.status in (Status.RECORDED, Status.PENDING)
        told.append(
            {
                "code": code,
                "case": case.name,
                "allowed": allowed,
                "refusal": Refusal(judgement.refusal).value if judgement.refusal else None,
                "child_places": child_places(ask, situation) if allowed else 0,
            }
        )
    return told
