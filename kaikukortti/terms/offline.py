"""What a till without a network may say of a card (docs/decisions/0025); the words are the till app's."""

from enum import StrEnum


class OfflineState(StrEnum):
    """`valid` is not among them: only the register says it."""

    # Valid as far as the list knows.
    VALID_AS_OF = "valid-as-of"
    # Recorded on this device already: welcome in, nothing to record.
    ALREADY = "already"
    # Refused for a reason that is known here; what happens all the same is recorded and judged later.
    STOP = "stop"
    TYPO = "typo"
    # Perhaps new: the venue's policy says whether to admit.
    NOT_ON_LIST = "not-on-list"
    # A card of an older series: never on the list, since such codes can be guessed. The printed date is looked at.
    CANNOT_CHECK = "cannot-check-offline"
    # Past its time, or the clock is behind the list: nothing is called valid.
    LIST_TOO_OLD = "list-too-old"
    NO_LIST = "no-list"
    # The number of kept places, or no code at all: the register finds out whose it is.
    IDENTITY_UNKNOWN = "identity-unknown"


class CodeKind(StrEnum):
    """What was read, typed or scanned."""

    OWN = "own"
    SERIES = "series"
    HOLD = "hold"
    NONE = "none"
    TYPO = "typo"
