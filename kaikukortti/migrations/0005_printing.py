"""What a batch is printed on, and when its printing began."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kaikukortti", "0004_retention")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="batch",
            name="layout",
            field=models.CharField(
                choices=[
                    ("cards", "cards for a printing house, ten to a sheet, with crop marks"),
                    ("office", "sheets for an office printer, to cut and fold"),
                ],
                default="cards",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="printed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
