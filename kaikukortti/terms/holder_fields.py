"""Columns that tell of a card's holder, by purpose."""

from django.utils.translation import gettext_lazy as _

from kaikukortti.terms.purposes import CONSENT, PUBLIC_TASK, ROW_STAYS, WITH_CARD, WITH_LINK, Purpose, Whose

CARD = _("the card it belongs to")
CODE = _("the card's code and secret as digests and seals from which nobody can read them back")
FOLLOWS = _("which cards follow each other")
HISTORY = _("when the card was made, registered, valid, blocked, replaced or moved, and whether its holder did it")
PHONE = _("keys of the phones that carry the card as digests, when they were made and last used")
OPENED = _("the holder's own secret as a digest, when it was chosen, and from which day on uses are shown")
LISTED = _("the serial number on the workplace's list of the month, and why it is there")
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

HOLDERS: tuple[Purpose, ...] = (
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
)
