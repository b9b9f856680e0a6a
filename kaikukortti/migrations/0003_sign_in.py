"""What others did to a person's second factor."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kaikukortti", "0002_trail_guarded")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user",
            name="factor_closed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="factor_reset_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="factor_reset_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="factor_reset_told",
            field=models.BooleanField(default=True),
        ),
    ]
