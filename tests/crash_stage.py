"""The stage of tests/test_crash.py, in processes of its own: make the register, read what it stored, and the control's
server that answers before it commits."""

import json
import sys
import threading
import time
from io import BytesIO

CARDS = 240


def make() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from kaikukortti import keys
    from kaikukortti.actions.cards import Holder, issue_card
    from kaikukortti.actions.codes import link_digest, make_code
    from kaikukortti.actions.making import make_cards
    from kaikukortti.models import Token
    from kaikukortti.terms.days import helsinki_day
    from tests.cast import gather

    keys.make_missing()
    call_command("migrate", verbosity=0)
    cast, now = gather(), timezone.now()
    codes = [make_code(random_tag=True) for _ in range(CARDS)]
    made = make_cards(cast.workplaces["office"], size=0, by=None, now=now, codes=codes)
    for one in made:
        issue_card(one.code, by=cast.aino, now=now, holder=Holder(birth_year=1980, minors=0, postal_code="87100"))
    token = "a till in a storm"
    Token.objects.create(workplace=cast.workplaces["routa"], label="till", digest=link_digest(token), made_at=now)
    told = {"codes": [one.code for one in made], "token": token, "day": helsinki_day(now).isoformat()}
    print(json.dumps(told))


def stored() -> None:
    from kaikukortti.models import Record

    print(json.dumps([str(one) for one in Record.objects.values_list("client_id", flat=True)]))


def hasty(environ, start_response):
    """Answers at once that all is recorded, and records a moment later: the server no register may be."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    later = {**environ, "wsgi.input": BytesIO(body)}

    def record() -> None:
        from kaikukortti.wsgi import application

        time.sleep(0.2)
        application(later, lambda *_: None)  # type: ignore[arg-type]

    threading.Thread(target=record, daemon=True).start()
    results = [{"id": row["id"], "status": "recorded"} for row in json.loads(body)["uses"]]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"results": results}).encode()]


if __name__ == "__main__":
    import django

    django.setup()
    {"make": make, "stored": stored}[sys.argv[1]]()
