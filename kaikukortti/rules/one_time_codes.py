"""One-time codes: what stands in a shop's discount field instead of a card's code (rule 24).

Ten characters of the card's alphabet. The check character counts a letter that is never written, so that no card's code
is ever a well-formed one-time code, nor the other way round: what was typed into the wrong field is a typo there.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from kaikukortti.rules.codes import ALPHABET, RANDOM_CHARACTERS, check_character, normalise
from kaikukortti.rules.holds import kept_until
from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.terms.holds import HoldEnd

UNWRITTEN = "K"
# A code that nobody used gives its places back within so long, however far away the event is.
LONGEST_CODE = timedelta(days=3)
# So many codes of one card may wait at once: more would keep others out of evenings that nobody goes to.
MOST_AT_ONCE = 6


class CodeState(StrEnum):
    """What became of a one-time code, computed for an instant."""

    WAITING = "waiting"
    REDEEMED = "redeemed"
    RELEASED = "released"
    EXPIRED = "expired"
    REISSUED = "reissued"
    CANCELLED = "cancelled"


RETURNED = (CodeState.RELEASED, CodeState.EXPIRED, CodeState.REISSUED, CodeState.CANCELLED)
_ENDS = {
    HoldEnd.FETCHED: CodeState.REDEEMED,
    HoldEnd.RELEASED: CodeState.RELEASED,
    HoldEnd.EXPIRED: CodeState.EXPIRED,
    HoldEnd.REISSUED: CodeState.REISSUED,
    HoldEnd.CANCELLED: CodeState.CANCELLED,
}


def code_state(end: str, *, expires_at: datetime, now: datetime) -> CodeState:
    if end:
        return _ENDS[HoldEnd(end)]
    return CodeState.WAITING if expires_at > now else CodeState.EXPIRED


def write_one_time_code(random: bytes) -> str:
    """The code of nine random bytes or more; 32 divides 256, so each character is as likely as another."""
    characters = "".join(ALPHABET[byte % len(ALPHABET)] for byte in random[:RANDOM_CHARACTERS])
    return characters + check_character(UNWRITTEN + characters)


def read_one_time_code(text: str) -> str | None:
    """The ten characters, or None for a typo."""
    code = normalise(text)
    if len(code) != RANDOM_CHARACTERS + 1 or not set(code) <= set(ALPHABET):
        return None
    return code if check_character(UNWRITTEN + code[:-1]) == code[-1] else None


def code_until(offering: OfferingFacts, *, now: datetime) -> datetime:
    """How long a one-time code waits: as long as places are kept here, and three days at most."""
    return min(kept_until(offering, now=now), now + LONGEST_CODE)
