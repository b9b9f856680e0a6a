"""Floor 2, the models: tables, constraints, and querysets named by adjectives."""

from kaikukortti.models.cards import (
    Batch,
    Card,
    CardFact,
    HolderData,
    LookUps,
    PepperCanary,
    PersonLine,
    card_life,
)
from kaikukortti.models.demo import DemoMark
from kaikukortti.models.heartbeat import Heartbeat
from kaikukortti.models.ledger import CountedFact, Record, RecordChange, SeasonDay, YearClose
from kaikukortti.models.network import (
    NetworkVersion,
    PolicyRow,
    Region,
    RegionMembership,
    RegionPhase,
    Workplace,
)
from kaikukortti.models.offerings import Offering, OpenDay
from kaikukortti.models.people import Invitation, Membership, Misses, SignInTries, Token, User
from kaikukortti.models.reference import Municipality, PostalCode, Province, WellbeingArea

__all__ = [
    "Batch",
    "Card",
    "CardFact",
    "CountedFact",
    "DemoMark",
    "Heartbeat",
    "HolderData",
    "Invitation",
    "LookUps",
    "Membership",
    "Misses",
    "Municipality",
    "NetworkVersion",
    "Offering",
    "OpenDay",
    "PepperCanary",
    "PersonLine",
    "PolicyRow",
    "PostalCode",
    "Province",
    "Record",
    "RecordChange",
    "Region",
    "RegionMembership",
    "RegionPhase",
    "SeasonDay",
    "SignInTries",
    "Token",
    "User",
    "WellbeingArea",
    "Workplace",
    "YearClose",
    "card_life",
]
