"""The catalogue of every column of the register: what tells of a person and why, and what does not.

The privacy notice is drawn from it in three languages, and a column that is not here stops `migrate` (P18, P19).
A row without a name still tells of one person: the register is pseudonymous, and everything a card touches is here.

`{trio_days}` and `{link_years}` stand for the policies of those names; the notice fills them in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Whose(StrEnum):
    """Whose data a column holds."""

    HOLDER = "holder"
    WORKER = "worker"


class Kind(StrEnum):
    """What a column that tells of no person is."""

    ROW = "row"  # the row's own number, or its place in a sequence
    REFERENCE = "reference"  # municipalities, postal codes, areas
    NETWORK = "network"  # regions, workplaces, policies
    OFFERING = "offering"  # what venues offer, and the places it has
    FIGURE = "figure"  # published sums
    MACHINE = "machine"  # tokens, keys' canaries, the pulse of the register
    FRAMEWORK = "framework"  # tables Django makes and the register leaves empty of people


Columns = Mapping[str, Mapping[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Personal columns that stand for one purpose: table → column → what it says, in words for a reader."""

    name: str
    whose: Whose
    title: str | Promise
    purpose: str | Promise
    lifetime: str | Promise
    basis: str | Promise
    columns: Columns

    @property
    def contents(self) -> list[str]:
        """What the columns say, each said once, in the order they stand here."""
        said = (str(label) for columns in self.columns.values() for label in columns.values())
        return list(dict.fromkeys(said))


PUBLIC_TASK = _(
    "A task in the public interest: Article 6(1)(e) of the General Data Protection Regulation and section 4 of the "
    "Finnish Data Protection Act (1050/2018)."
)
CONSENT = _(
    "Your consent: Article 6(1)(a) and, where an answer tells of health, Article 9(2)(a) of the General Data "
    "Protection Regulation. Each question can be left out, and the card is just as good."
)
INTEREST = _(
    "The controller's legitimate interest in knowing who acts in the register and in keeping it safe: Article 6(1)(f) "
    "of the General Data Protection Regulation."
)

WITH_CARD = _("Until the year after the card's last day has been closed, and as long as a use is linked to the card.")
WITH_LINK = _("The link is cut when the year of the use has been closed, plus {link_years}.")
ROW_STAYS = _(
    "The row stays for the figures. Its link to the card is cut when the year of the use has been closed, plus "
    "{link_years}; after that nothing in the register leads from the row to a card."
)
WITH_WORK = _("As long as you work with the register. After that your name stays only beside what you have done in it.")
WITH_ACT = _("As long as the row itself, so that a mistake can be traced and put right.")

CARD = _("the card it belongs to")
CODE = _("the card's code and secret as digests and seals from which nobody can read them back")
FOLLOWS = _("which cards follow each other")
HISTORY = _("when the card was made, registered, valid, blocked, replaced or moved, and whether its holder did it")
PHONE = _("keys of the phones that carry the card as digests, when they were made and last used")
OPENED = _("the holder's own secret as a digest, when it was chosen, and from which day on uses are shown")
LISTED = _("the serial number on the workplace's list of the month, and why it is there")
TRAIL = _("who read or changed which card, record or right, when and for which workplace")
ISSUER = _("the workplace that gave the card")
LINK = _("the link to the card and to the cards it follows")
WHERE = _("what was used, where and when, and which workplace recorded it")
COUNTS = _("numbers of tickets: own, children, assistants, and a community card's clients and workers")
COVERED = _("what was covered of a course and what was left to pay")
ANSWER = _("the answer it got and what was later said of it: reversed or settled, when and why")
NUMBERS = _("random numbers that name the row and tell nothing")
FACTS = _(
    "the facts of that day: areas and municipalities of the card, of residence and of the place, five-year span of "
    "birth years, first or later card"
)
COUNTED = _("what is counted: a card registered, renewed, blocked, ended or taken into use, and on which day")
KEPT_FOR = _("for which card places are kept, of what kind, until when, and what became of them")
GROUPED = _("with which group the card came, planned by which workplace")
SIGN_IN = _("user name, name at work, and the password as a digest")
WHEN_SIGNED_IN = _("when the user was made, last signed in, and whether the user is open")
WORKPLACE = _("the workplaces you act for, since when, and whether as contact person or for which side")
INVITED = _("the name an invitation was made for, and when it was made, used and ended")
ACTED = _("who did it")
TRIES = _("numbers of sign-ins that did not succeed, beside a keyed digest of the name and address")
MISSES = _("numbers of unknown codes an hour at a till, and until when the till takes a break")
SESSION = _(
    "a random session number, and in it the workplace chosen or the card opened, easy language or not, and the time of "
    "the last use"
)

FACTOR_RESET = _("whether somebody else has reset your second factor or password, when, and who did")
FACTOR = _("the sealed secret of your app and recovery codes, and the public half and name of your passkeys")
WHEN_FACTOR = _("when a second factor was set up and last used")
IDENTITY = _("a keyed digest of what your organisation's sign-in calls you; nothing else that it says")

PERSONAL: tuple[Purpose, ...] = (
    Purpose(
        name="exact",
        whose=Whose.HOLDER,
        title=_("Birth year and postal code"),
        purpose=_(
            "To see that a card can be given, and to mend what was typed wrong. The figures use only a span of five "
            "years and the municipality."
        ),
        lifetime=_(
            "{trio_days} from the day the card was given. Then the birth year becomes a span of five years, and the "
            "postal code is left out."
        ),
        basis=PUBLIC_TASK,
        columns={
            "HolderData": {
                "birth_year": _("birth year"),
                "postal_code": _("postal code"),
                "exact_until": _("the last day of the exact data"),
            }
        },
    ),
    Purpose(
        name="holder",
        whose=Whose.HOLDER,
        title=_("Municipality and children"),
        purpose=_("To know in which area the card belongs and how many children may come along."),
        lifetime=WITH_CARD,
        basis=PUBLIC_TASK,
        columns={
            "HolderData": {
                "card": CARD,
                "birth_band": _("span of five years that holds the birth year"),
                "municipality": _("municipality of residence"),
                "minors": _("number of own or same-household minor children or grandchildren"),
            }
        },
    ),
    Purpose(
        name="voluntary",
        whose=Whose.HOLDER,
        title=_("Voluntary answers"),
        purpose=_(
            "To count whom the card reaches. They stand on no other row, and nobody but you is shown them card by card."
        ),
        lifetime=ROW_STAYS,
        basis=CONSENT,
        columns={
            "CountedFact": {
                "gender": _("gender"),
                "life_situations": _("life situation"),
                "home_language": _("home language"),
            }
        },
    ),
    Purpose(
        name="card",
        whose=Whose.HOLDER,
        title=_("The card"),
        purpose=_("To recognise the card, to say whether it is valid, and to block or replace one that was lost."),
        lifetime=WITH_CARD,
        basis=PUBLIC_TASK,
        columns={
            "Card": {
                "digest": CODE,
                "pepper": CODE,
                "sealed_tag": CODE,
                "tag_digest": CODE,
                "secret_digest": CODE,
                "series": _("the printed series of an older card"),
                "trail_id": NUMBERS,
                "serial": _("the card's serial number"),
                "community": _("whether it is a community card"),
                "region": _("the card's area"),
                "line": FOLLOWS,
                "later": FOLLOWS,
            },
            "PersonLine": {"made_at": FOLLOWS, "taken_on": _("the day the card was first used")},
            "CardFact": {
                "card": HISTORY,
                "kind": HISTORY,
                "at": HISTORY,
                "since": HISTORY,
                "until": HISTORY,
                "entered_at": HISTORY,
                "successor": FOLLOWS,
                "reason": _("why the card was blocked, replaced or moved to another workplace"),
                "corrected": _("which kinds of data were corrected, never what they were"),
                "client_id": NUMBERS,
                "by_holder": HISTORY,
            },
        },
    ),
    Purpose(
        name="own-pages",
        whose=Whose.HOLDER,
        title=_("Your own pages and the card on your phone"),
        purpose=_("So that you can look after your card yourself, without saying who you are."),
        lifetime=_("As long as the card. A link to a phone ten minutes, a wish to be erased until it is carried out."),
        basis=PUBLIC_TASK,
        columns={
            "HolderAccess": {"card": CARD, "digest": OPENED, "opened_at": OPENED, "uses_since": OPENED},
            "PhoneCard": {"card": CARD, "digest": PHONE, "made_at": PHONE, "seen_on": PHONE},
            "PhoneLink": {
                "card": CARD,
                "digest": PHONE,
                "sealed": CODE,
                "made_at": PHONE,
                "expires_at": PHONE,
            },
            "Erasure": {
                "line": CARD,
                "asked_at": _("when you asked to be erased, and when it is done"),
                "due_on": _("when you asked to be erased, and when it is done"),
            },
        },
    ),
    Purpose(
        name="reminders",
        whose=Whose.HOLDER,
        title=_("Reminders"),
        purpose=_(
            "So that your workplace can tell you at your next meeting that the card lies unused or runs out. Only if "
            "you said yes."
        ),
        lifetime=_("Your answer as long as the card; the list until the next month's list is drawn."),
        basis=CONSENT,
        columns={
            "HolderData": {"may_remind": _("whether you may be reminded of the card")},
            "WorklistRow": {"draw": LISTED, "workplace": LISTED, "milestone": LISTED, "serial": LISTED},
        },
    ),
    Purpose(
        name="secret-tries",
        whose=Whose.HOLDER,
        title=_("Protection of your own pages"),
        purpose=_("To slow down those who try secrets one after another."),
        lifetime=_("A day after the last try."),
        basis=PUBLIC_TASK,
        columns={
            "SecretTries": {
                "digest": _("a keyed digest of the card or the address that was tried"),
                "number": _("numbers of wrong secrets, and how long the next try waits"),
                "last_at": _("numbers of wrong secrets, and how long the next try waits"),
                "wait_until": _("numbers of wrong secrets, and how long the next try waits"),
            }
        },
    ),
    Purpose(
        name="issuer",
        whose=Whose.HOLDER,
        title=_("The workplace that gave the card"),
        purpose=_(
            "So that only that workplace can correct, block or renew the card. Whose service you use may tell of your "
            "health or your life, so no venue is told, and no figure is counted by it."
        ),
        lifetime=WITH_CARD,
        basis=PUBLIC_TASK,
        columns={"Card": {"workplace": ISSUER, "batch": ISSUER}, "CardFact": {"workplace": ISSUER}},
    ),
    Purpose(
        name="look-ups",
        whose=Whose.HOLDER,
        title=_("How often the card was looked up"),
        purpose=_("So that you can see it. No figure uses it."),
        lifetime=_("90 days."),
        basis=PUBLIC_TASK,
        columns={
            "LookUps": {
                "card": CARD,
                "role": _("the kind of workplace that looked it up"),
                "day": _("the day"),
                "number": _("how many times"),
            }
        },
    ),
    Purpose(
        name="uses",
        whose=Whose.HOLDER,
        title=_("Uses of the card"),
        purpose=_(
            "To give the tickets that the rules grant, to put mistakes right, and to count figures. The venue sees its "
            "own rows without any part of the card; the workplace that gave the card sees none."
        ),
        lifetime=ROW_STAYS,
        basis=PUBLIC_TASK,
        columns={
            "Record": {
                "recorder": WHERE,
                "venue": WHERE,
                "offering": WHERE,
                "kind": WHERE,
                "day": WHERE,
                "until": WHERE,
                "at": WHERE,
                "entered_at": WHERE,
                "source": WHERE,
                "happened": WHERE,
                "sector": WHERE,
                "offering_kind": WHERE,
                "holder": COUNTS,
                "children": COUNTS,
                "assistants": COUNTS,
                "clients": COUNTS,
                "workers": COUNTS,
                "covered_cents": COVERED,
                "remainder_cents": COVERED,
                "status": ANSWER,
                "refusal": ANSWER,
                "community": FACTS,
                "card_region": FACTS,
                "residence": FACTS,
                "residence_area": FACTS,
                "age_band": FACTS,
                "later_card": FACTS,
                "place_region": FACTS,
                "place": FACTS,
                "place_area": FACTS,
                "client_id": NUMBERS,
                "reference": NUMBERS,
                "figure_key": NUMBERS,
            },
            "RecordChange": {
                "record": ANSWER,
                "kind": ANSWER,
                "at": ANSWER,
                "workplace": ANSWER,
                "reason": ANSWER,
                "counts": ANSWER,
            },
        },
    ),
    Purpose(
        name="holds",
        whose=Whose.HOLDER,
        title=_("Places kept, wait lists and groups"),
        purpose=_("To keep places for the card until they are fetched, and to let a group in at once."),
        lifetime=_("The link to the card until 30 days after the day; then only numbers are left."),
        basis=PUBLIC_TASK,
        columns={
            "Hold": {
                "card": KEPT_FOR,
                "kind": KEPT_FOR,
                "number": NUMBERS,
                "code_digest": NUMBERS,
                "offering": WHERE,
                "day": WHERE,
                "group": GROUPED,
                "places": COUNTS,
                "children": COUNTS,
                "wheelchair": _("how many wheelchair places are wanted"),
                "workplace": WHERE,
                "made_at": KEPT_FOR,
                "expires_at": KEPT_FOR,
                "ended_at": KEPT_FOR,
                "end": KEPT_FOR,
                "record": WHERE,
            },
            "Waiting": {
                "card": KEPT_FOR,
                "offering": WHERE,
                "day": WHERE,
                "places": COUNTS,
                "children": COUNTS,
                "wheelchair": _("how many wheelchair places are wanted"),
                "made_at": KEPT_FOR,
                "hold": KEPT_FOR,
                "ended_at": KEPT_FOR,
            },
            "PlannedGroup": {
                "workplace": GROUPED,
                "offering": WHERE,
                "day": WHERE,
                "community_card": GROUPED,
                "clients": COUNTS,
                "workers": COUNTS,
                "assistants": COUNTS,
                "made_at": GROUPED,
                "cancelled_at": GROUPED,
                "done_at": GROUPED,
                "record": GROUPED,
            },
            "GroupMember": {
                "planned": GROUPED,
                "card": GROUPED,
                "children": COUNTS,
                "record": GROUPED,
                "refusal": ANSWER,
            },
        },
    ),
    Purpose(
        name="link",
        whose=Whose.HOLDER,
        title=_("The link between a use and the card"),
        purpose=_(
            "To see that the same ticket is given once, that children come with the holder, and how many cards are in "
            "use."
        ),
        lifetime=WITH_LINK,
        basis=PUBLIC_TASK,
        columns={
            "Record": {"card": LINK, "line": LINK, "content": LINK, "own_day": LINK},
            "SeasonDay": {"record": LINK, "line": LINK, "venue": WHERE, "offering": WHERE, "day": WHERE},
            "CountedFact": {"card": LINK, "line": LINK},
        },
    ),
    Purpose(
        name="counted",
        whose=Whose.HOLDER,
        title=_("What figures count"),
        purpose=_("To count figures that stay the same when a card's data are erased."),
        lifetime=ROW_STAYS,
        basis=PUBLIC_TASK,
        columns={
            "CountedFact": {
                "kind": COUNTED,
                "day": COUNTED,
                "entered_at": COUNTED,
                "withdrawn_at": COUNTED,
                "record": COUNTED,
                "community": FACTS,
                "region": FACTS,
                "residence": FACTS,
                "residence_area": FACTS,
                "age_band": FACTS,
                "later_card": FACTS,
            }
        },
    ),
    Purpose(
        name="sign-in",
        whose=Whose.WORKER,
        title=_("Signing in and workplaces"),
        purpose=_("To let in those who work with the card, each as themselves, and only to what their work needs."),
        lifetime=WITH_WORK,
        basis=INTEREST,
        columns={
            "User": {
                "username": SIGN_IN,
                "name": SIGN_IN,
                "password": SIGN_IN,
                "made_at": WHEN_SIGNED_IN,
                "last_login": WHEN_SIGNED_IN,
                "is_active": WHEN_SIGNED_IN,
                "factor_reset_at": FACTOR_RESET,
                "factor_reset_by": FACTOR_RESET,
                "factor_reset_told": FACTOR_RESET,
                "factor_closed": FACTOR_RESET,
            },
            "Membership": {
                "user": WORKPLACE,
                "workplace": WORKPLACE,
                "is_contact": WORKPLACE,
                "side": WORKPLACE,
                "since": WORKPLACE,
                "ended_at": WORKPLACE,
            },
            "Invitation": {
                "user": INVITED,
                "workplace": INVITED,
                "name": INVITED,
                "is_contact": INVITED,
                "side": INVITED,
                "digest": INVITED,
                "made_at": INVITED,
                "made_by": ACTED,
                "expires_at": INVITED,
                "used_at": INVITED,
            },
        },
    ),
    Purpose(
        name="factor",
        whose=Whose.WORKER,
        title=_("Second factors"),
        purpose=_("To open holders' rows only to who signed in, and to nobody who has merely learned the password."),
        lifetime=_("Until you remove it, or your sign-in is removed."),
        basis=INTEREST,
        columns={
            "mfa.Authenticator": {
                "user": FACTOR,
                "type": FACTOR,
                "data": FACTOR,
                "created_at": WHEN_FACTOR,
                "last_used_at": WHEN_FACTOR,
            },
            "socialaccount.SocialAccount": {
                "user": IDENTITY,
                "provider": IDENTITY,
                "uid": IDENTITY,
                "last_login": WHEN_FACTOR,
                "date_joined": WHEN_FACTOR,
                "extra_data": IDENTITY,
            },
        },
    ),
    Purpose(
        name="acts",
        whose=Whose.WORKER,
        title=_("Who did what"),
        purpose=_("To answer for every change, and to put mistakes right."),
        lifetime=WITH_ACT,
        basis=INTEREST,
        columns={
            "Batch": {"by": ACTED, "received_by": ACTED, "voided_by": ACTED},
            "CardFact": {"by": ACTED},
            "Record": {"by": ACTED},
            "RecordChange": {"by": ACTED},
            "RegionPhase": {"by": ACTED},
            "RegionMembership": {"by": ACTED},
            "PolicyRow": {"by": ACTED},
            "YearClose": {"by": ACTED},
            "Token": {"made_by": ACTED},
            "Device": {"made_by": ACTED, "stopped_by": ACTED},
            "QuarantinedRow": {"settled_by": ACTED},
            "Hold": {"made_by": ACTED},
            "PlannedGroup": {"made_by": ACTED},
            "Sheet": {"made_by": ACTED},
            "Webhook": {"made_by": ACTED},
        },
    ),
    Purpose(
        name="trail",
        whose=Whose.WORKER,
        title=_("The audit trail"),
        purpose=_("To see afterwards who opened which card's data, and that nobody has changed the trail itself."),
        lifetime=_("Two years. A card's number in the trail names nothing once the card is erased."),
        basis=INTEREST,
        columns={
            "TrailEntry": {
                "number": TRAIL,
                "at": TRAIL,
                "act": TRAIL,
                "by": ACTED,
                "workplace": TRAIL,
                "subject": TRAIL,
                "digest": TRAIL,
            }
        },
    ),
    Purpose(
        name="guessing",
        whose=Whose.WORKER,
        title=_("Protection against guessing"),
        purpose=_("To stop those who try passwords or card codes one after another."),
        lifetime=_("Sign-ins a day, unknown codes as long as the membership."),
        basis=INTEREST,
        columns={
            "SignInTries": {"digest": TRIES, "since": TRIES, "number": TRIES},
            "Misses": {"workplace": MISSES, "membership": MISSES, "hour": MISSES, "number": MISSES},
            "Membership": {"paused_until": MISSES},
        },
    ),
    Purpose(
        name="session",
        whose=Whose.WORKER,
        title=_("The session"),
        purpose=_("To keep you signed in while you work."),
        lifetime=_("Until you sign out, or half an hour after the last use; at most 12 hours."),
        basis=INTEREST,
        columns={"sessions.Session": {"session_key": SESSION, "session_data": SESSION, "expire_date": SESSION}},
    ),
)

# Table → its columns, by kind.
NOT_PERSONAL: Mapping[Kind, Mapping[str, str]] = {
    Kind.ROW: {
        "Batch": "id",
        "Card": "id",
        "CardFact": "id transaction",
        "CountedFact": "id transaction",
        "Invitation": "id",
        "LookUps": "id",
        "Membership": "id",
        "Misses": "id",
        "PersonLine": "id",
        "PhoneCard": "id",
        "PhoneLink": "id",
        "Record": "id transaction",
        "RecordChange": "id transaction",
        "SeasonDay": "id",
        "SecretTries": "id",
        "SignInTries": "id",
        "User": "id",
        "mfa.Authenticator": "id",
        "socialaccount.SocialAccount": "id",
        "WorklistRow": "id",
        "Hold": "id",
        "Waiting": "id",
        "PlannedGroup": "id",
        "GroupMember": "id",
    },
    Kind.REFERENCE: {
        "Municipality": "code name_fi name_sv since until successor province wellbeing_area",
        "PostalCode": "code name_fi name_sv",
        "PostalCode_municipalities": "id postalcode municipality",
        "Province": "code name_fi name_sv name_en",
        "WellbeingArea": "code name_fi name_sv name_en",
    },
    Kind.NETWORK: {
        "Batch": "workplace kind size layout made_at printed_at received_at voided_at again",
        "Series": "id name prefix alphabet length guessable made_at",
        "NetworkVersion": "id number",
        "PolicyRow": "id region venue key since value reason entered_at",
        "Region": "id name_fi name_sv name_en slug intro_fi intro_sv intro_en how_to_ask_fi how_to_ask_sv how_to_ask_en"
        " contact_url",
        "RegionMembership": "id municipality since region entered_at",
        "RegionPhase": "id region since phase entered_at",
        "Workplace": "id name_fi name_sv name_en role municipality home_region sector since until admitted_since"
        " admitted_until street website how_fi how_sv how_en provider",
        "Workplace_municipalities": "id workplace municipality",
        "Workplace_regions": "id workplace region",
        "Workplace_venues": "id from_workplace to_workplace",
    },
    Kind.OFFERING: {
        "Offering": "id name_fi name_sv name_en venue kind sector first_day last_day starts_at weekdays opening_fi"
        " opening_sv opening_en municipality place how_fi how_sv how_en price_cents children_welcome accessibility"
        " external_id cap children_cap taken children_taken held community_welcome sold_by_agents published_at"
        " cancelled_at children_held wheelchair_cap released_at released_seats",
        "OpenDay": "id offering day taken children_taken held children_held",
        "Sheet": "id number workplace offering day rows made_at",
    },
    Kind.FIGURE: {
        "ErasedCards": "id workplace month cards community_cards",
        "HolderCount": "id year cube period cell holders",
        "RetentionRun": "id started_at finished_at trios links cards erased sums_before sums_after",
        "YearClose": "id year revision as_of note cards_registered cards_taken_into_use adult_culture adult_education"
        " adult_science adult_sport child_culture child_education child_science child_sport assistants workers"
        " municipalities",
    },
    Kind.MACHINE: {
        "DemoMark": "id digest published made_at",
        "Heartbeat": "id at",
        "TrailHead": "id number digest",
        "WorklistDraw": "id month drawn_at",
        "Misses": "token device",
        "PepperCanary": "number digest",
        "Device": "id workplace kind label offering made_at code_digest code_expires_at enrolled_at expires_at"
        " proof_digest passkey_digest wrong_proofs token_number token_digest last_seen_at"
        " waiting waiting_since storage_kept paused_until stopped_at stop",
        "QuarantinedRow": "id device client_id box received_at settled_at taken",
        "Record": "token device",
        "RecordChange": "token device",
        "TillSlots": "id regions children made_at",
        "Token": "id workplace label digest made_at last_used_at revoked_at paused_until scopes",
        "Webhook": "id workplace url sealed_secret made_at ended_at",
        "WebhookMessage": "id webhook event body made_at tries next_at last_status delivered_at dead_at",
    },
    # The tables of e-mail addresses, of organisations and of their tokens stay empty: allauth makes them, nothing here
    # writes them.
    Kind.FRAMEWORK: {
        "account.EmailAddress": "id user email verified primary",
        "account.EmailConfirmation": "id email_address created sent key",
        "auth.Group": "id name",
        "auth.Group_permissions": "id group permission",
        "auth.Permission": "id name content_type codename",
        "contenttypes.ContentType": "id app_label model",
        "socialaccount.SocialApp": "id provider provider_id name client_id secret key settings",
        "socialaccount.SocialToken": "id app account token token_secret expires_at",
    },
}


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
