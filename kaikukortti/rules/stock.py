"""How long a workplace's blank cards last, and how many to order (decided on counts alone)."""

from dataclasses import dataclass

PACE_WEEKS = 8
# Below so many weeks a workplace should order: making, printing and the post take about two.
SOON_OUT = 3
# An order lasts for so long.
ORDER_WEEKS = 13
FEWEST, MOST = 20, 10_000


@dataclass(frozen=True, slots=True)
class Stock:
    """A workplace's printed and listed cards; cards made onto a phone are none. `given` counts registrations of blanks
    ever, `recently` those of the last `weeks`."""

    drawer: int = 0
    given: int = 0
    voided: int = 0
    on_the_way: int = 0
    recently: int = 0
    # How long the workplace has had cards, at most PACE_WEEKS.
    weeks: float = PACE_WEEKS

    @property
    def received(self) -> int:
        """Every card that came into the drawer, whatever became of it."""
        return self.drawer + self.given + self.voided

    @property
    def pace(self) -> float | None:
        """Cards given a week over the last eight, or since the first came; None when none was: then nobody can say how
        long the rest will last."""
        return self.recently / max(self.weeks, 1) if self.recently else None

    @property
    def weeks_left(self) -> int | None:
        """Whole weeks the drawer lasts at that pace, rounded down; 0 with an empty drawer, None without a pace."""
        if not self.drawer:
            return 0
        return int(self.drawer / self.pace) if self.pace else None

    @property
    def soon_out(self) -> bool:
        """Time to order, unless more is on the way already."""
        short = self.weeks_left is not None and self.weeks_left <= SOON_OUT
        return short and not self.on_the_way

    @property
    def to_order(self) -> int:
        """What one press orders: a quarter of a year at that pace, in tens, and never fewer than twenty."""
        wanted = round((self.pace or 0) * ORDER_WEEKS)
        return min(MOST, max(FEWEST, -(-wanted // 10) * 10))
