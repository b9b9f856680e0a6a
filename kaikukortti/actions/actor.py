"""Who acts, and for which workplace: what every action gets as `by`."""

from dataclasses import dataclass, field
from datetime import datetime

from kaikukortti.models import Device, Membership, Token, User, Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.rules.network import Network, WorkplaceFacts
from kaikukortti.terms.roles import Role


class NotAllowed(Exception):
    """The actor's role or workplace has no right to this; doors answer 403 (nobody grants what they lack)."""


@dataclass(frozen=True)
class Actor:
    """A person, a machine or a till acting for one workplace. `network_version` came with the query that knew
    the caller."""

    workplace: Workplace
    user: User | None = None
    token: Token | None = None
    membership: Membership | None = None
    device: Device | None = None
    network_version: int | None = None
    network: Network = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", network(self.network_version))

    @property
    def role(self) -> Role:
        return Role(self.workplace.role)

    @property
    def facts(self) -> WorkplaceFacts:
        return self.network.workplaces[self.workplace.pk]

    @property
    def paused_until(self) -> datetime | None:
        asking = self.token or self.device or self.membership
        return asking.paused_until if asking else None

    def paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    def need(self, *roles: Role) -> None:
        """Raise NotAllowed unless the actor has one of the roles."""
        if self.role not in roles:
            raise NotAllowed(self.role)
