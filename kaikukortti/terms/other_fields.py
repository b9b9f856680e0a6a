"""Columns that tell of no person, by what they are."""

from collections.abc import Mapping

from kaikukortti.terms.purposes import Kind

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
