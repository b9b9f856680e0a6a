"""Codes of older printed series (rule 12): ten characters with a right check are ours, else each listed series reads by
its own shape, else a typo. A series' codes were given out in some order, so they are assumed guessable.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kaikukortti.rules.codes import read_code

# What stands before a series' code when it is made into a digest: no code of ours can hold it, nor begin with it.
MARK = ":"
# A miss that looks like a code of a guessable series counts as so many: such codes are worth trying.
GUESS = 6
# Look-alikes, read as the other where a series' alphabet has only one of the two.
_ALIKE = (("O", "0"), ("I", "1"), ("L", "1"))


@dataclass(frozen=True)
class SeriesFacts:
    """What a code of the series looks like: a prefix, then so many characters of an alphabet."""

    id: int
    prefix: str
    alphabet: str
    length: int
    guessable: bool = True

    def read(self, text: str) -> str | None:
        """The series' number and the code in the series' own form, or None. Case, spaces, hyphens and asterisks do not
        matter unless the series tells them apart."""
        code = text.translate(self._dropped)
        code = code if self._tells_case else code.upper()
        prefix = self.prefix.translate(self._dropped)
        prefix = prefix if self._tells_case else prefix.upper()
        if not code.startswith(prefix):
            return None
        code = code[len(prefix) :].translate(self._alike)
        if len(code) != self.length or not set(code) <= set(self.alphabet):
            return None
        return f"{self.id}{MARK}{prefix}{code}"

    @cached_property
    def _tells_case(self) -> bool:
        return self.alphabet != self.alphabet.upper()

    @cached_property
    def _dropped(self) -> dict[int, None]:
        return {ord(sign): None for sign in " -*\u00a0\t" if sign not in self.alphabet}

    @cached_property
    def _alike(self) -> dict[int, str]:
        alike = {}
        for one, other in _ALIKE:
            if one not in self.alphabet and other in self.alphabet:
                alike[ord(one)] = other
            elif other not in self.alphabet and one in self.alphabet and ord(other) not in alike:
                alike[ord(other)] = one
        return alike


def read_listed(text: str, series: Iterable[SeriesFacts]) -> str | None:
    """A code of ours as its ten characters, an older series' as its number and code, or None for a typo."""
    own = read_code(text)
    if own is not None:
        return own
    return next((read for one in series if (read := one.read(text)) is not None), None)


def misses_counted(read: str | None, series: Sequence[SeriesFacts]) -> int:
    """How many misses an unknown code counts as: stricter for what looks like a guessable series."""
    if read is None or MARK not in read:
        return 1
    number = int(read.split(MARK, 1)[0])
    return GUESS if any(one.guessable for one in series if one.id == number) else 1
