"""The bundle of December 2001, opened elsewhere, answers as the live register does."""

from __future__ import annotations

import http.client
import io
import json
import shlex
import socket
import threading
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.bootstrap import open_bundle, open_register
from adapters.evidence.bundle import EVENTS, event_line
from adapters.evidence.bundle_zip import writing_bundle
from adapters.evidence.entries import EVENT
from adapters.web.app import create_app
from application.ports import ReadOnly
from tests.scenarios.questions_2001 import QUESTIONS, Question
from tests.support.alliance import Ran, run
from tests.support.served import Source, serving_app
from tests.support.street import Street

STAGES: tuple[str, ...] = ("founding", "committee", "council")
ORIGIN = "register.example/toronto"


class Taken:
    """A bundle of the record of 2001, its policy, and the register it was made of."""

    def __init__(self, folder: Path) -> None:
        street = Street.on_sqlite(folder / "live")
        self.live = sealing = Street({**street.environment, "ALLIANCE_ORIGIN": ORIGIN})
        sealing.done("setup")
        self.known: dict[str, int] = dict(zip(STAGES, self.live.record_2001(), strict=True))
        sealing.done("seal", "--once")
        self.bundle, self.policy = folder / "whole.zip", folder / "policy.txt"
        sealing.done("evidence", "bundle", self.bundle)
        self.of_one = folder / "kiev.zip"
        sealing.done("evidence", "bundle", self.of_one, "--stream", "partnership/UA-KIEV")
        self.policy.write_text(sealing.done("evidence", "key"))

    def open(self, *question: object, bundle: Path | None = None) -> Ran:
        """Open the bundle where no register is."""
        opening = ("evidence", "open", bundle or self.bundle, "--policy", self.policy)
        return run(*opening, *(["--", *question] if question else []), settings={})


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    return Taken(tmp_path_factory.mktemp("taken"))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without a network: whoever asks for a connection fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an opened bundle asks the network for nothing")

    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", refuse)
        patched.setattr(socket, "getaddrinfo", refuse)
        yield


def words(question: Question, known: int) -> tuple[str, ...]:
    on = ("--as-of", question.on) if question.on else ()
    return (*question.command, *on, "--known-at", str(known), "--format", "json")


def documents(text: str) -> list[object]:
    """JSON documents one after the other."""
    found: list[object] = []
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        found.append(document)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def test_forty_questions_are_answered_as_by_the_live_register(
    taken: Taken, offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [words(question, taken.known[question.stage]) for question in QUESTIONS]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{shlex.join(a)}\n" for a in asked)))
    opened = taken.open()
    assert opened.code == 0, opened.err
    assert f"Verified: {taken.known['council']} events under {ORIGIN}" in opened.err
    answers = documents(opened.out)
    assert len(answers) == len(QUESTIONS) >= 40
    for question, answer in zip(QUESTIONS, answers, strict=True):
        assert question.look(answer) == question.answer, question.words
    live = "".join(taken.live.done(*each) for each in asked)
    assert opened.out == live


def test_one_question_ends_with_its_own_code(taken: Taken) -> None:
    assert len(taken.open("list", "partnerships", "--format", "json").rows) == 26
    nowhere = taken.open("show", "partnership", "Atlantis", "--format", "json")
    assert nowhere.code == taken.live.run("show", "partnership", "Atlantis").code != 0


@pytest.mark.parametrize("command", ["record", "setup", "seal", "restore", "evidence"])
def test_what_is_no_question_is_refused(taken: Taken, command: str) -> None:
    refused = taken.open(command)
    assert "Verified" not in refused.err
    assert (refused.code, refused.out) == (5, "")
    assert f"command: {command}\n" in refused.err
    assert "NoQuestion" in refused.err


def test_lines_after_a_wrong_one_are_answered(
    taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = 'record x.yaml\n\n# remark\nshow "\nalliance list partnerships --format json\n'
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    opened = taken.open()
    assert (opened.code, opened.err.count("NoQuestion")) == (5, 2)
    assert len(opened.rows) == 26


def got(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_pages_show_what_is_proven_and_record_nothing(taken: Taken) -> None:
    stop = threading.Event()
    with (
        open_bundle(taken.bundle, taken.policy) as (_, settings),
        open_register(settings) as register,
        serving_app(create_app(Source(), {}, stop, register), stop) as port,
    ):
        status, page = got(port, "/partnerships/UA-KIEV")
        assert (status, "Kiev" in page) == (200, True)
        assert got(port, "/record")[0] == 503
        with pytest.raises(ReadOnly):
            _ = register.command_bus
    assert not Path(settings.database_url.removeprefix("sqlite:///")).exists()


def test_a_bundle_of_chosen_streams_opens_nothing(taken: Taken) -> None:
    refused = taken.open("list", "partnerships", "--format", "json", bundle=taken.of_one)
    told = json.loads(refused.err)
    assert (refused.code, refused.out, told["problem"]) == (5, "", "NotWhole")
    assert "shows 1 streams" in told["details"]["why"]


def test_an_altered_event_opens_nothing(taken: Taken, tmp_path: Path) -> None:
    altered = tmp_path / "altered.zip"
    with zipfile.ZipFile(taken.bundle) as whole, writing_bundle(altered) as forgery:
        for name in whole.namelist():
            content = whole.read(name)
            if name == EVENTS:
                lines = list(map(json.loads, content.splitlines()))
                data = lines[10]["data"]
                data[EVENT] = b64encode(b64decode(data[EVENT]) + b" ").decode()
                content = b"".join(
                    event_line(each["index"], each["leaf"].encode(), each["data"]) for each in lines
                )
            forgery.write(name, content)
    refused = taken.open("list", "partnerships", "--format", "json", bundle=altered)
    told = json.loads(refused.err)
    assert (refused.code, refused.out, told["problem"]) == (4, "", "Altered")
    assert told["details"]["why"] == "entry 11: event is not what was sealed"


def test_a_bundle_that_is_cut_off_opens_nothing(taken: Taken, tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished.zip"
    unfinished.write_bytes(taken.bundle.read_bytes()[:-100])
    refused = taken.open("list", "partnerships", "--format", "json", bundle=unfinished)
    assert (refused.code, json.loads(refused.err)["problem"]) == (5, "BadBundle")


def test_a_bundle_of_another_log_opens_nothing(taken: Taken, tmp_path: Path) -> None:
    other = Street.on_sqlite(tmp_path / "other")
    named = Street({**other.environment, "ALLIANCE_ORIGIN": ORIGIN})
    named.done("setup")
    named.done("seal", "--once")
    policy = tmp_path / "other.txt"
    policy.write_text(named.done("evidence", "key"))
    question = ("--policy", policy, "--", "list", "partnerships", "--format", "json")
    refused = run("evidence", "open", taken.bundle, *question, settings={})
    assert (refused.code, json.loads(refused.err)["problem"]) == (4, "NotTrusted")


def test_a_policy_that_cannot_be_used_opens_nothing(taken: Taken, tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_text("log nonsense\n")
    question = ("--policy", policy, "--", "list", "partnerships", "--format", "json")
    refused = run("evidence", "open", taken.bundle, *question, settings={})
    assert (refused.code, json.loads(refused.err)["problem"]) == (2, "BadPolicy")


def test_pages_of_an_opened_bundle_cite_the_head_that_it_proves(taken: Taken) -> None:
    _, size, *_ = taken.live.done("evidence", "head").split("\n")
    known, stop = taken.known["council"], threading.Event()
    with (
        open_bundle(taken.bundle, taken.policy) as (found, settings),
        open_register(settings) as register,
        serving_app(create_app(Source(), {}, stop, register), stop) as port,
    ):
        line = register.cite(known).line
        root = found.head.root.hex()
        assert line == f"Evidence: {ORIGIN} position {known} n {size} root {root}"
        assert line.removeprefix("Evidence: ") in got(port, "/partnerships")[1]
