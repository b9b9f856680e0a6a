"""Who calls is remembered for a second, and no longer."""

import pytest

from kaikukortti.actions.codes import link_digest
from kaikukortti.api import auth
from kaikukortti.models import Token

pytestmark = pytest.mark.database


def test_a_burst_of_calls_asks_once_and_a_revoked_token_is_out_within_a_second(
    cast, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(auth, "KEPT_SECONDS", 1.0)
    clock = [100.0]
    monkeypatch.setattr(auth, "monotonic", lambda: clock[0])
    token = Token.objects.create(
        workplace=cast.workplaces["routa"], label="till", digest=link_digest("a burst"), made_at=cast.now
    )
    assert auth.caller("a burst") is not None
    Token.objects.filter(pk=token.pk).update(revoked_at=cast.now)
    clock[0] += 0.9
    with django_assert_num_queries(0):
        assert auth.caller("a burst") is not None
    clock[0] += 0.1
    assert auth.caller("a burst") is None


def test_an_unknown_token_is_never_remembered(cast):
    assert auth.caller("nobody's") is None
    assert link_digest("nobody's") not in auth._kept
