"""The till's modules in Chromium give the same answers as Python, by the same examples (tests/till_vectors.py)."""

import json

import pytest

from tests.till_vectors import FOLDER

MODULES = "/static/kaikukortti/js/till"


@pytest.fixture
def run(open_page, cast):
    """Run a piece of JavaScript with a module and the examples of a name; what it returns."""
    page = open_page("/en/")

    def there(module: str, name: str, script: str):
        vectors = json.loads((FOLDER / f"{name}.json").read_text())
        load = f"async (v) => {{ const m = await import('{MODULES}/{module}.js'); {script} }}"
        return page.evaluate(load, vectors), vectors

    return there


def test_codes_are_read_alike(run):
    read, vectors = run("codes", "codes", "return v.cases.map((one) => m.readCode(one.text, v.series));")
    expected = [{"code": case["code"], "kind": case["kind"]} for case in vectors["cases"]]
    assert read == expected


def test_verdicts_are_given_alike(run):
    said, vectors = run("verdict", "offline", "return v.cases.map((one) => m.offlineVerdict(one.question));")
    differ = {
        case["name"]: (one, case["answer"])
        for one, case in zip(said, vectors["cases"], strict=True)
        if one != case["answer"]
    }
    assert differ == {}


LIST = """
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const key = await m.listKey(v.key);
const list = await m.openList(bytes(v.list), key);
"""


def test_tags_are_made_and_found_alike(run):
    script = f"""{LIST}
    const merged = await m.mergeDifference(list, bytes(v.difference), key);
    const same = btoa(Array.from(merged.bytes, (one) => String.fromCharCode(one)).join("")) === v.merged;
    const tags = [];
    for (const one of v.cases.slice(0, 8)) tags.push(await m.tagOf(one.code, list.header.salt, list.header.rounds));
    const find = (where) => v.cases.map((one) => m.findInList(where, one));
    return {{ sha: list.sha256, same, tags, before: find(list), after: find(merged) }};
    """
    said, vectors = run("list", "till_list", script)
    assert said["sha"] == vectors["sha256"]
    assert said["same"]
    assert said["tags"] == [{"tag": case["tag"], "pad": case["pad"]} for case in vectors["cases"][:8]]
    for when in ("before", "after"):
        assert said[when] == [case[when] for case in vectors["cases"]]


def test_touched_bytes_are_noticed_in_the_browser(run):
    script = f"""{LIST}
    const broken = async (work) => {{
      try {{ await work(); return "taken"; }} catch (error) {{ return error.constructor.name; }}
    }};
    const touched = (text, at) => {{ const one = bytes(text); one[at < 0 ? one.length + at : at] ^= 1; return one; }};
    const open = (one) => broken(() => m.openList(one, key));
    const merge = (to, one) => broken(() => m.mergeDifference(to, one, key));
    const answers = [];
    for (const at of [0, 5, 200, 9000, -1, -65]) answers.push(await open(touched(v.list, at)));
    for (const cut of [0, 3, 64, 1000]) answers.push(await open(bytes(v.list).subarray(0, cut)));
    for (const at of [0, 40, -1, -70]) answers.push(await merge(list, touched(v.difference, at)));
    const merged = await m.mergeDifference(list, bytes(v.difference), key);
    answers.push(await merge(merged, bytes(v.difference)));
    return answers;
    """
    answers, _vectors = run("list", "till_list", script)
    assert set(answers) == {"ListBroken"}
    assert len(answers) == 15
