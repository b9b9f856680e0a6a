"""Calendar parts of a day in SQL, without a Python call for every row (SQLite) and without an index in the way."""

from datetime import date
from typing import Any

from django.db.models import Case, Func, IntegerField, When


class YearOf(Func):
    """The calendar year of a date column."""

    output_field = IntegerField()
    template = "EXTRACT(YEAR FROM %(expressions)s)::integer"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="CAST(substr(%(expressions)s, 1, 4) AS integer)", **context
        )


class MonthOf(Func):
    """The month, 1 … 12, of a date column."""

    output_field = IntegerField()
    template = "EXTRACT(MONTH FROM %(expressions)s)::integer"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="CAST(substr(%(expressions)s, 6, 2) AS integer)", **context
        )


def year_up_to(last: date) -> Case:
    """The year of `day`, None for days after `last`.

    As a value to group by and not as a filter: SQLite would follow the index of days all over a table that it reads
    three times faster from end to end (measured with a million rows).
    """
    return Case(When(day__lte=last, then=YearOf("day")))
