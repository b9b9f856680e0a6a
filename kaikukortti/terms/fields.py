"""The catalogue of every column of the register: what tells of a person and why, and what does not.

The privacy notice is drawn from it in three languages, and a column that is not here stops `migrate` (P18, P19).
A row without a name still tells of one person: the register is pseudonymous, and everything a card touches is here.

`{trio_days}` and `{link_years}` stand for the policies of those names; the notice fills them in.
"""

from collections.abc import Iterator

from kaikukortti.terms.holder_fields import HOLDERS
from kaikukortti.terms.other_fields import NOT_PERSONAL
from kaikukortti.terms.purposes import Kind, Purpose, Whose
from kaikukortti.terms.worker_fields import WORKERS

__all__ = ["NOT_PERSONAL", "PERSONAL", "Kind", "Purpose", "Whose", "catalogued", "tables_of"]

PERSONAL: tuple[Purpose, ...] = (*HOLDERS, *WORKERS)


def catalogued() -> Iterator[tuple[str, Purpose | Kind]]:
    """Every column named here as `Table.column`, with its purpose or its kind; a column named twice comes twice."""
    for purpose in PERSONAL:
        for table, said in purpose.columns.items():
            yield from ((f"{table}.{column}", purpose) for column in said)
    for kind, tables in NOT_PERSONAL.items():
        for table, columns in tables.items():
            yield from ((f"{table}.{column}", kind) for column in columns.split())


def tables_of(whose: Whose) -> set[str]:
    """The tables that tell of holders (with their uses), or of workers."""
    return {table for purpose in PERSONAL if purpose.whose == whose for table in purpose.columns}
