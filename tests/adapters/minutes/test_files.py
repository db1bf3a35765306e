"""Minutes files on disk: each mistake has a file and a line, and no file is too strange."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.minutes.files import files_in, read_files
from adapters.minutes.mistakes import FileMistake, InvalidFile
from adapters.minutes.yaml_tree import MOST_ALIASES, MOST_BYTES, MOST_DEEP, MOST_NODES
from application.minutes import InvalidMinutes
from domain.proceedings.matter import OpenMatter
from tests.support.toronto import RECORDS

HEAD = "meeting: {id: m, on: 2001-12-06, body: council, matter: x}\nitems:\n"
GOOD = HEAD + "  - open-matter: {title: A matter}\n"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: str | bytes) -> Path:
        path = tmp_path / "minutes.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def title(path: Path) -> str:
    (file,) = read_files([path], "a clerk")
    (request,) = file.minutes.envelopes
    assert isinstance(request.command, OpenMatter)
    return request.command.title


def mistakes(*paths: Path) -> tuple[FileMistake, ...]:
    with pytest.raises(InvalidFile) as raised:
        read_files(paths, "a clerk")
    assert raised.value.mistakes
    for mistake in raised.value.mistakes:
        assert any(mistake.file.startswith(str(path)) for path in paths)
        assert mistake.line is None or mistake.line >= 1
        assert mistake.message
        assert str(mistake).encode()
    return raised.value.mistakes


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "# a comment\n---\n" + GOOD + "...\n",
        HEAD + "  - open-matter:\n      title: >-\n        A\n        matter\n",
        "%YAML 1.2\n---\n" + GOOD,
    ],
    ids=["plain", "byte order mark", "windows", "document marks", "folded", "directive"],
)
def test_a_file_is_read_however_it_is_written(write: Write, content: str) -> None:
    assert title(write(content)) == "A matter"


def test_dates_need_no_quotes_and_years_may_be_numbers(write: Write) -> None:
    for on in ("2001-12-06", "'2001-12-06'", "2001-12-04/2001-12-06", "2001-12", "2001"):
        path = write(GOOD.replace("on: 2001-12-06", f"on: {on}"))
        assert title(path) == "A matter"


def test_merged_and_repeated_parts_are_read(write: Write) -> None:
    content = HEAD + (
        "  - open-matter: &first {title: A matter}\n  - open-matter: {<<: *first, matter: y}\n"
    )
    (file,) = read_files([write(content)], "a clerk")
    assert [r.id for r in file.minutes.envelopes] == ["m/open-matter/x", "m/open-matter/y"]


HOSTILE: dict[str, tuple[str | bytes, int | None]] = {
    "empty": ("", 1),
    "only a comment": ("# nothing\n", 1),
    "a word": ("minutes", 1),
    "a list": ("- a\n- b\n", 1),
    "null": ("~", 1),
    "two documents": (GOOD + "---\na: 1\n", 4),
    "tab": (HEAD + "\t- open-matter: {title: a}\n", 3),
    "unclosed": (HEAD + "  - open-matter: {title: a\n", 4),
    "colon in a text": (HEAD + "  - open-matter: {title: a: b}\n", 3),
    "duplicate key": (HEAD + "  - open-matter: {title: a, title: b}\n", 3),
    "unknown alias": (HEAD + "  - open-matter: *nothing\n", 3),
    "NUL": (HEAD + "  - open-matter: {title: 'a\0b'}\n", 3),
    "NUL bytes": (b"\0" * 5000, 1),
    "control character": (HEAD + "  - open-matter: {title: '\x1b[31m'}\n", 3),
    "not UTF-8": (HEAD.encode() + b"  - open-matter: {title: \xff}\n", 3),
    "UTF-16": (GOOD.encode("utf-16"), 1),
    "binary": (bytes(range(256)) * 20, 2),
    "half a character": (HEAD + '  - open-matter: {title: "\\ud800"}\n', 3),
    "half a character as a name": (HEAD + '  - "\\ud800": {title: a}\n', 3),
    "number as a name": (HEAD + "  - open-matter: {1: a, title: b}\n", 3),
    "null as a name": (HEAD + "  - open-matter: {~: a}\n", 3),
    "list as a name": ("? [a, b]\n: c\n", 1),
    "map as a name": ("? {a: b}\n: c\n", 1),
    "old YAML, on as a name": ("%YAML 1.1\n---\nmeeting: {id: m, on: 2001}\nitems: [a]\n", 3),
    "unknown YAML": ("%YAML 9.9\n---\na: 1\n", 1),
    "huge number": (HEAD + "  - open-matter: {title: " + "9" * 6000 + "}\n", 3),
    "huge hex number": (HEAD + "  - open-matter: {title: 0x" + "F" * 6000 + "}\n", 3),
    "huge exponent": (HEAD + "  - open-matter: {title: 1e999999}\n", 3),
    "number for a text": (HEAD + "  - open-matter: {title: 12}\n", 3),
    "truth for a text": (HEAD + "  - open-matter: {title: true}\n", 3),
    "date for a text is a text": (HEAD + "  - open-matter: {title: 2001-12-06, x: 1}\n", 3),
    "date as a tree": (HEAD + "  - open-matter: {title: !!timestamp {a: b}}\n", 3),
    "wrong tag int": (HEAD + "  - open-matter: {title: !!int abc}\n", 3),
    "wrong tag float": (HEAD + "  - open-matter: {title: !!float abc}\n", 3),
    "wrong tag bool": (HEAD + "  - open-matter: {title: !!bool maybe}\n", 3),
    "python object": (HEAD + "  - open-matter: {title: !!python/object/apply:os.getcwd []}\n", 3),
    "python name": (HEAD + "  - open-matter: {title: !!python/name:os.system x}\n", 3),
    "bytes": (HEAD + "  - open-matter: {title: !!binary aGVsbG8=}\n", 3),
    "set": (HEAD + "  - open-matter: {title: !!set {a, b}}\n", 3),
    "deep lists": (HEAD + "  - open-matter: {title: " + "[" * 3000 + "]" * 3000 + "}\n", 3),
    "deep maps": ("{a: " * 1500 + "1" + "}" * 1500, 1),
    "deep block": (HEAD + "  - open-matter:\n      title:\n        " + "- " * 2000 + "a\n", None),
    "contains itself": ("{meeting: &m {id: *m}, items: [a]}\n", 1),
    "merges itself": ("meeting: &m {id: x, on: 2003-01-01, <<: *m}\nitems: []\n", 1),
    "merges itself among others": ("meeting: &m {id: x, <<: [*m]}\nitems: []\n", 1),
    "merges what it stands in": ("meeting: &a\n  id: x\n  <<: &b\n    on: 2003\n    <<: *a\n", 5),
    "a set of itself": ("meeting: {id: x}\nitems: !!set {? &s !!set {? *s}}\n", 2),
    "items contain themselves": ("meeting: {id: a, on: 2001}\nitems: &i [*i]\n", 2),
    "float for a date": (GOOD.replace("2001-12-06", "2001.5"), 1),
    "infinity for a date": (GOOD.replace("2001-12-06", ".inf"), 1),
    "time for a date": (GOOD.replace("2001-12-06", "2001-12-06T10:00:00Z"), 1),
    "year 0": (GOOD.replace("2001-12-06", "0000"), 1),
    "year 0000-01-01": (GOOD.replace("2001-12-06", "0000-01-01"), 1),
    "negative year": (GOOD.replace("2001-12-06", "-2001"), 1),
    "five-digit year": (GOOD.replace("2001-12-06", "12001"), 1),
    "February 30": (GOOD.replace("2001-12-06", "2001-02-30"), 1),
    "month 13": (GOOD.replace("2001-12-06", "2001-13"), 1),
    "ends before it begins": (GOOD.replace("2001-12-06", "2001-12-06/2001-12-04"), 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_refused_with_its_line(write: Write, name: str) -> None:
    content, line = HOSTILE[name]
    assert {mistake.line for mistake in mistakes(write(content))} == {line}


def test_a_few_bytes_that_stand_for_billions_are_refused_at_once(write: Write) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    (mistake,) = mistakes(write("\n".join(lines)))
    assert mistake.line
    assert mistake.line > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "most", "line"),
    [
        # one line a value: the line before the first that is refused is the last that was read
        ("meeting: &m\n  id: x\nitems:\n" + "  - *m\n" * (MOST_ALIASES + 5), MOST_ALIASES, 4),
        ("items:\n" + "  - x\n" * (MOST_NODES + 5), MOST_NODES - 3, 2),
    ],
    ids=["aliases", "values"],
)
def test_a_file_is_read_no_further_than_the_limit(
    write: Write, said: str, most: int, line: int
) -> None:
    (mistake,) = mistakes(write(said))
    assert mistake.line == line + most
    assert "more than" in mistake.message


def test_a_huge_file_is_not_read(write: Write) -> None:
    (mistake,) = mistakes(write(GOOD + "#" * MOST_BYTES))
    assert (mistake.line, mistake.field) == (None, "")


def test_brackets_may_nest_as_deep_as_anybody_needs(write: Write) -> None:
    deep = "[" * (MOST_DEEP - 10) + "]" * (MOST_DEEP - 10)
    (mistake,) = mistakes(write(HEAD + f"  - open-matter: {{title: {deep}}}\n"))
    assert mistake.field == "items[0].open-matter.title"


def test_every_mistake_of_a_file_is_told_with_line_and_field(write: Write) -> None:
    content = (
        "meeting:\n  id: m\n  on: 2001-12-06\n  matter: x\n  chair: y\n"
        "items:\n"
        "  - open-matter:\n      title: ''\n      reference: 7\n"
        "  - decide:\n      decision: d\n      body: council\n      kind: ponder\n"
        "  - close-matter: {}\n"
        "  - open-matter: {title: A, matter: y}\n"
        "  - open-matter: {title: B, matter: y}\n"
        "extra: 1\n"
    )
    assert [(m.line, m.field) for m in mistakes(write(content))] == [
        (17, "extra"),
        (5, "meeting.chair"),
        (8, "items[0].open-matter.title"),
        (9, "items[0].open-matter.reference"),
        (13, "items[1].decide.kind"),
        (10, "items[1].decide.summary"),
        (14, "items[2].close-matter"),
        (16, "items[4]"),
    ]


def test_the_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml"):
        (tmp_path / name).write_text("")
    (tmp_path / "notes.txt").write_text("")
    assert [Path(m.file).name for m in mistakes(tmp_path)] == ["a.yml", "b.yaml"]


def test_files_go_by_meeting_date_and_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    for name, on in (("a", "2001-12-06"), ("b", "2001-11-07"), ("c", "2001-11-19")):
        text = GOOD.replace("id: m", f"id: {name}").replace("2001-12-06", on)
        (tmp_path / f"{name}.yaml").write_text(text)
    files = read_files([tmp_path / "a.yaml", tmp_path, tmp_path / "a.yaml"], "a clerk")
    assert [file.minutes.meeting.id for file in files] == ["b", "c", "a"]
    assert files_in([tmp_path]) == tuple(tmp_path / f"{n}.yaml" for n in "abc")


def test_a_request_stands_on_the_line_it_was_written_on(write: Write) -> None:
    (file,) = read_files([write(GOOD + "  - open-matter: {title: B, matter: y}\n")], "a clerk")
    assert [file.line(request.id) for request in file.minutes.envelopes] == [3, 4]


def test_what_is_not_there_or_no_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "folder.yaml").mkdir()
    for path in (tmp_path / "missing.yaml", tmp_path / "empty", tmp_path / "odd"):
        (mistake,) = mistakes(path)
        assert mistake.line is None


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_may_not_be_read_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "closed.yaml"
    path.write_text(GOOD)
    target = path if kind == "file" else tmp_path
    target.chmod(0)
    try:
        if os.access(target, os.R_OK):  # whoever runs as root may read everything
            assert title(path) == "A matter"
        else:
            mistakes(target)
    finally:
        target.chmod(0o700)


def test_the_record_of_2001_is_read() -> None:
    files = read_files([RECORDS], "a clerk")
    assert len({file.minutes.meeting.id for file in files}) == len(files)
    for file in files:
        assert all(file.line(request.id) > 1 for request in file.minutes.envelopes)


signs = "[]{}&*!|>%@`'\"#-?:,<= \n\t\r\0\ud7ff"
words = [
    "items",
    "open-matter",
    "title",
    "meeting",
    "on",
    "2001-12-06",
    "0x",
    "1e5",
    "~",
    "é",
    "&a",
    "*a",
    "!!int",
]
pieces = st.sampled_from([*signs, *words, "\n  ", "- ", ": ", "<<: *a"])
broken = st.lists(pieces, max_size=25).map("".join)


@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(content="&a[&a")
@given(content=broken | broken.map(lambda end: GOOD + end) | broken.map(lambda end: HEAD + end))
def test_no_text_is_too_strange(write: Write, content: str) -> None:
    try:
        read_files([write(content)], "a clerk")
    except InvalidFile:
        mistakes(write(content))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60))
def test_no_bytes_are_too_strange(write: Write, content: bytes) -> None:
    mistakes(write(content))


def test_invalid_content_never_leaves_without_its_file(write: Write) -> None:
    with pytest.raises(InvalidFile) as raised:
        read_files([write("{}")], "a clerk")
    assert not isinstance(raised.value, InvalidMinutes)
