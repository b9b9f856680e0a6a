"""How many new cards at renewal are told apart by what is stored: python tools/measure_renewals.py [--cards N]

A new card at renewal stores no link to the old one (rule 9). But the birth year, the postal code and the number of
children are typed in again, and few people share all three. This invents a register of its own, lets a part of the
cards that ran out be followed by a new card of the same person, and asks of each: how many old cards fit it? One is
*singled out*: whoever could read the rows would know whose card follows whose. docs/decisions/0018-renewal.md says what
that means.
"""

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

FOLLOWED = 0.3  # of the cards that ran out, so many are followed by a new one
MOVED_NEAR, MOVED_AWAY, CHILDREN_CHANGED = 0.08, 0.03, 0.10  # within a year, within the municipality or beyond it
WITHIN_DAYS = 60  # a new card comes at most so long before the old one's end or after it


@dataclass(frozen=True)
class Row:
    """What the register holds of one card."""

    workplace: int
    since: date
    until: date
    birth_year: int
    postal_code: str
    municipality: str
    minors: int

    @property
    def exact(self) -> Hashable:
        return self.birth_year, self.postal_code, self.minors

    @property
    def coarse(self) -> Hashable:
        return self.birth_year // 5, self.municipality, self.minors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cards", type=int, default=20_000, help="cards given in two years (20,000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "KAIKUKORTTI_DATA": f"{folder}/data",
            "KAIKUKORTTI_SECRETS": f"{folder}/secrets",
            "KAIKUKORTTI_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "kaikukortti.settings",
        }
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        rows = simulated(options.cards, options.seed)
    report(rows, random.Random(options.seed))  # nosec B311 -- a simulation


def simulated(cards: int, seed: int) -> list[Row]:
    """The rows of a register of invented cards, given over two years."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("simulate", cards=cards, uses=0, years=2, seed=seed)
    from kaikukortti.models import CardFact, HolderData
    from kaikukortti.terms.kinds import CardFactKind

    spells = CardFact.objects.filter(kind=CardFactKind.VALID).values_list("card_id", "since", "until")
    valid = {card: (since, until) for card, since, until in spells}
    holders = HolderData.objects.filter(birth_year__isnull=False).values_list(
        "card_id", "card__workplace_id", "birth_year", "postal_code", "municipality_id", "minors"
    )
    return [Row(workplace, *valid[card], *data) for card, workplace, *data in holders]  # type: ignore[arg-type]


def followers(rows: list[Row], draw: random.Random) -> list[tuple[Row, Row]]:
    """Old and new rows of the same people: same workplace, near the old card's end, a life that went on."""
    homes = [(row.postal_code, row.municipality) for row in rows]
    near: dict[str, list[str]] = {}
    for code, municipality in homes:
        near.setdefault(municipality, []).append(code)
    last = max(row.since for row in rows)
    pairs = []
    for row in rows:
        if row.until + timedelta(days=WITHIN_DAYS) > last or draw.random() > FOLLOWED:
            continue
        since = row.until + timedelta(days=draw.randint(-WITHIN_DAYS, WITHIN_DAYS))
        new = replace(row, since=since, until=since + timedelta(days=364))
        chance = draw.random()
        if chance < MOVED_NEAR:
            new = replace(new, postal_code=draw.choice(near[row.municipality]))
        elif chance < MOVED_NEAR + MOVED_AWAY:
            code, municipality = draw.choice(homes)
            new = replace(new, postal_code=code, municipality=municipality)
        if draw.random() < CHILDREN_CHANGED:
            new = replace(new, minors=max(0, row.minors + draw.choice((-1, 1))))
        pairs.append((row, new))
    return pairs


def report(rows: list[Row], draw: random.Random) -> None:
    pairs = followers(rows, draw)
    print(f"{len(rows)} cards, {len(pairs)} of them followed by a new card of the same person\n")
    print(f"{'looked for among':44}{'exact trio':>14}{'made coarse':>14}")
    for words, among in (
        ("all old cards", lambda old, new: True),
        ("old cards that end near the new one's start", lambda old, new: near_its_end(old, new)),
        ("… of the same workplace", lambda old, new: old.workplace == new.workplace and near_its_end(old, new)),
    ):
        exact, coarse = (share(pairs, rows, among, key) for key in (lambda row: row.exact, lambda row: row.coarse))
        print(f"{words:44}{exact:>13.1%}{coarse:>14.1%}")


def near_its_end(old: Row, new: Row) -> bool:
    return abs((old.until - new.since).days) <= WITHIN_DAYS


def share(
    pairs: list[tuple[Row, Row]],
    rows: list[Row],
    among: Callable[[Row, Row], bool],
    key: Callable[[Row], Hashable],
) -> float:
    """Of the new cards, how many fit exactly one old card, and that their own."""
    by_key: dict[Hashable, list[Row]] = {}
    for row in rows:
        by_key.setdefault(key(row), []).append(row)
    told = Counter(
        [one for one in by_key.get(key(new), []) if among(one, new)] == [old] for old, new in pairs if old is not new
    )
    return told[True] / max(1, len(pairs))


if __name__ == "__main__":
    main()
