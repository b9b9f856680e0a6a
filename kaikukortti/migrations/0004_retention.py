"""What erased cards were in their workplaces' own counts, and room for the names of cells."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kaikukortti", "0003_sign_in")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ErasedCards",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("cards", models.PositiveIntegerField(default=0)),
                ("community_cards", models.PositiveIntegerField(default=0)),
                (
                    "workplace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erased_cards",
                        to="kaikukortti.workplace",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workplace", "month"), name="erased_cards_a_month")],
            },
        ),
        migrations.AlterField(model_name="holdercount", name="cube", field=models.CharField(max_length=60)),
    ]
