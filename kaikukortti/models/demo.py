"""The mark of a register filled with invented people: it never becomes a production register."""

from django.db import models


class DemoMark(models.Model):
    """One row at most. The keyed digest says which demo key the register's codes and passwords come from."""

    digest = models.CharField(max_length=64)
    # Whether it holds the published years instead of the demo's network.
    published = models.BooleanField(default=False)
    made_at = models.DateTimeField()
