"""Columns that tell of whoever works with the register, by purpose."""

from django.utils.translation import gettext_lazy as _

from kaikukortti.terms.purposes import INTEREST, WITH_ACT, WITH_WORK, Purpose, Whose

TRAIL = _("who read or changed which card, record or right, when and for which workplace")
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

WORKERS: tuple[Purpose, ...] = (
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
