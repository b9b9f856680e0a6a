"""What every test may ask for: real parallel callers, a browser, and a judgement on a page's accessibility."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from playwright.sync_api import Browser, Page, sync_playwright

from kaikukortti.actions.look_ups import gathered
from kaikukortti.api import auth
from tests.cast import Cast, gather

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


TRIGGERS = import_module("kaikukortti.migrations.0002_trail_guarded")


@pytest.fixture(autouse=True, scope="session")
def emptied_with_its_trail() -> Iterator[None]:
    """Tests with committed rows empty every table at their end. The audit trail refuses that, so its triggers are
    taken away for this one step."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def with_the_trail(self: Any, statements: list[str]) -> None:
        vendor = self.connection.vendor
        empty(self, [*TRIGGERS.lifted(vendor), *statements, *TRIGGERS.laid(vendor)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", with_the_trail)
        yield


def pytest_itemcollected(item: pytest.Item) -> None:
    """`database` is pytest-django's `django_db` on both databases; who asks for the browser is a `browser` test."""
    database = item.get_closest_marker("database")
    if database and not item.get_closest_marker("django_db"):
        item.add_marker(pytest.mark.django_db(*database.args, **database.kwargs))
    if "chromium" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Run `work(0) … work(n - 1)` at the same moment, each on its own connection; results or exceptions, in order.

    Needs a `database(transaction=True)` test: other connections see only what is committed.
    """

    def run(n: int, work: Callable[[int], Any]) -> list[Any]:
        # Without the barrier the first caller is often done before the last begins, and the test proves nothing.
        barrier = Barrier(n)

        def caller(number: int) -> Any:
            try:
                connections["default"].ensure_connection()
                barrier.wait(timeout=30)
                return work(number)
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(n) as pool:
            return list(pool.map(caller, range(n)))

    return run


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless; never a downloaded one."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code of ours.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`open_page("/fi/", width=320, dark=True, locale="fi-FI", session=key, …)` opens a page of the live server.

    Further arguments go to Playwright's `new_context`. The test fails at its end if a page asked another host for
    anything, broke the content security policy or threw in its scripts.
    """
    contexts, complaints = [], []
    home = urlsplit(live_server.url).netloc

    def watch(page: Page) -> None:
        def request(request: Any) -> None:
            parts = urlsplit(request.url)
            if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != home:
                complaints.append(f"asked another host: {request.url}")

        def console(message: Any) -> None:
            if message.type == "error" and "Content Security Policy" in message.text:
                complaints.append(message.text)

        page.on("request", request)
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))

    def open_one(
        path: str, *, width: int = 1280, height: int = 800, dark: bool = False, session: str = "", **context: Any
    ) -> Page:
        scheme = "dark" if dark else "light"
        options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "locale": "fi-FI"}
        opened = chromium.new_context(base_url=live_server.url, **(options | context))
        contexts.append(opened)
        if session:
            opened.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        opened.set_default_timeout(10_000)
        opened.on("page", watch)
        page = opened.new_page()
        page.goto(path)
        return page

    yield open_one
    for opened in contexts:
        opened.close()
    assert complaints == []


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails with what axe-core finds wrong on the page as it stands."""
    source = AXE.read_text()

    def judge(page: Page) -> None:
        page.evaluate(source)
        found = page.evaluate("(tags) => axe.run({ runOnly: tags })", AXE_RULES)
        violations = [
            f"{violation['id']}: {violation['help']} at {node['target']}\n    {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert violations == [], "\n".join([page.url, *violations])

    return judge


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The cast of tests/cast.py, on an empty stage; with a live server or parallel callers, committed."""
    committed = {"transactional_db", "live_server"} & set(request.fixturenames)
    request.getfixturevalue("transactional_db" if committed else "db")
    return gather()


@pytest.fixture(autouse=True)
def lists_of_its_own(settings: Any) -> None:
    """Lists are files: a test meets none that another has drawn for the same instant of the story."""
    settings.LISTS_DIR = settings.LISTS_DIR / uuid4().hex


@pytest.fixture(autouse=True)
def quiet_look_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """No background writer: a test writes what was gathered when it means to."""
    monkeypatch.setattr(gathered, "_start", lambda: None)


@pytest.fixture(autouse=True)
def forgetful_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller is asked for anew with every call: a story revokes a token and calls again in the same second."""
    monkeypatch.setattr(auth, "KEPT_SECONDS", 0.0)
