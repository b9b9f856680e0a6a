"""People who sign in, the workplaces they act for, links for coming in, and tokens for machines.

Nobody shares a sign-in: a person signs in as themselves and acts for one workplace at a time.
"""

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q, Subquery

from kaikukortti.models.network import NetworkVersion, Workplace
from kaikukortti.terms.roles import Side


class UserManager(BaseUserManager["User"]):
    pass


class User(AbstractBaseUser):
    """A worker: the name colleagues know and a user name. No e-mail: links for coming in are printed or shown."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    # Somebody else took the second factor away: when, who, and whether the person has been told since.
    factor_reset_at = models.DateTimeField(null=True, blank=True)
    factor_reset_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    factor_reset_told = models.BooleanField(default=True)
    # There was no second factor when somebody of another workplace made a link to a new password, and it was used: who
    # holds the password sets up no first one until the person's own workplace has said so.
    factor_closed = models.BooleanField(default=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        return self.filter(ended_at__isnull=True, user__is_active=True)

    def at_work_on(self, day: date) -> "MembershipQuerySet":
        """Current, and the workplace has not ended: after its last day nobody acts for it, as no token does."""
        return self.current().filter(Q(workplace__until__isnull=True) | Q(workplace__until__gte=day))

    def with_network_version(self) -> "MembershipQuerySet":
        return self.annotate(network_version=Subquery(NetworkVersion.now().values("number")[:1]))  # type: ignore[no-redef]

    def with_elsewhere(self) -> "MembershipQuerySet":
        """Says in `elsewhere` whether the person may also act for another workplace."""
        others = Membership.objects.current().filter(user=models.OuterRef("user")).exclude(pk=models.OuterRef("pk"))
        return self.annotate(elsewhere=models.Exists(others))  # type: ignore[no-redef]


class Membership(models.Model):
    """A person at a workplace. The contact person invites, removes and resets; a coordinator has a side."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="memberships")
    is_contact = models.BooleanField(default=False)
    side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Set by many unknown codes in a row (limits on guessing); other tills go on.
    paused_until = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    # Filled by with_network_version and with_elsewhere; declared for the type checker.
    network_version: int | None
    elsewhere: bool

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workplace"], condition=Q(ended_at__isnull=True), name="one_current_membership"
            )
        ]


class Invitation(models.Model):
    """A printable one-time link: to come in for the first time, or (with `user`) to choose a new password.

    Only the link's digest is stored; the link itself is shown once.
    """

    workplace = models.ForeignKey(Workplace, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="resets")
    name = models.CharField(max_length=80)
    is_contact = models.BooleanField(default=False)
    side = models.CharField(max_length=8, choices=Side.choices, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class SignInTries(models.Model):
    """Tries to sign in that failed, a quarter of an hour at a time: who tried and from where only as keyed digests."""

    digest = models.CharField(max_length=64)
    since = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "since"], name="one_count_a_quarter")]
        indexes = [models.Index(fields=["since"])]


class TokenQuerySet(models.QuerySet["Token"]):
    def current(self) -> "TokenQuerySet":
        return self.filter(revoked_at__isnull=True)


class Token(models.Model):
    """A machine's key to the calls, for one workplace. Shown once, stored as a digest, revocable at once."""

    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    # What it may be used for (terms.sellers.Scope); an empty list is all that its role can.
    scopes = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)

    objects = TokenQuerySet.as_manager()

    # Filled by read_caller; declared for the type checker.
    network_version: int | None


class Misses(models.Model):
    """Unknown codes and typos an hour, per token or person at a till: only misses are counted (S5, S6)."""

    workplace = models.ForeignKey(Workplace, models.CASCADE, related_name="misses")
    token = models.ForeignKey(Token, models.CASCADE, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.CASCADE, null=True, related_name="+")
    device = models.ForeignKey("Device", models.CASCADE, null=True, related_name="+")
    hour = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "hour"], condition=Q(token__isnull=False), name="misses_of_token"),
            models.UniqueConstraint(
                fields=["membership", "hour"], condition=Q(membership__isnull=False), name="misses_of_membership"
            ),
            models.UniqueConstraint(
                fields=["device", "hour"], condition=Q(device__isnull=False), name="misses_of_device"
            ),
        ]
        indexes = [models.Index(fields=["hour", "workplace"])]
