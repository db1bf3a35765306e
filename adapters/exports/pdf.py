"""Pages as PDF/A: what a page says, set by Typst, with its address and both times on each sheet.

Typst is the optional extra `pdf`. Nothing is read from the network or from this machine's files
but fonts, and the same page gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from typing import Final, NamedTuple

from domain.shared.problems import Problem

STANDARD: Final = "a-2a"
"""PDF/A-2 with its structure, so that it can be read aloud."""
SKIPPED = frozenset(("form", "nav", "svg", "script", "style", "button", "input", "select"))
"""Elements that a sheet of paper has no use for."""
SKIPPED_CLASSES = frozenset(
    ("skip", "crumbs", "filters", "live", "acts", "opener", "under", "lanes")
)
EMPTY = frozenset(("br", "input", "meta", "link", "hr", "img", "wbr"))
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
WRAPPED = {
    "b": "#strong[{}]; ",
    "strong": "#strong[{}];",
    "dt": "#strong[{}: ];",
    "em": "#emph[{}];",
    "i": "#emph[{}];",
    "code": "#raw-words[{}];",
    "ins": "#underline[\\[{}\\]];",
    "del": "#strike[({})];",
    "blockquote": "#quote(block: true)[{}];",
    "figcaption": "#par[{}];",
    "p": "#par[{}];",
    "pre": "#par[{}];",
    "small": "#text(size: 0.9em)[{}];",
    "summary": "#par[#strong[{}];];",
    "li": "[{}], ",
    "ul": "#list(tight: false, {});",
    "ol": "#enum(tight: false, {});",
    **dict.fromkeys(
        ("div", "section", "aside", "article", "figure", "dl", "header", "details"),
        "#block(spacing: 0.8em)[{}];",
    ),
}
"""Elements and the Typst that is made of what is in them."""
SETTINGS = """
#set document(title: {title}, author: {author}, date: datetime(year: {year}, month: {month}, \
day: {day}))
#set text(lang: "en", size: 9.5pt, font: ("Libertinus Serif", "Noto Serif", "Noto Sans CJK SC"))
#set par(leading: 0.55em, spacing: 0.8em)
#set heading(numbering: none)
#show heading: set block(above: 1.3em, below: 0.6em)
#set table(stroke: (x, y) => (bottom: if y == 0 {{ 0.8pt }} else {{ 0.3pt + luma(60%) }}), \
inset: (x: 3pt, y: 4pt))
#show table: set par(justify: false)
#let raw-words(body) = text(font: "DejaVu Sans Mono", size: 0.85em, body)
#set page(paper: "a4", margin: (x: 18mm, top: 18mm, bottom: 24mm), footer: context [
  #set text(size: 7.5pt)
  #set block(spacing: 4pt)
  #line(length: 100%, stroke: 0.4pt)
  #grid(columns: (1fr, auto), column-gutter: 8mm, [{footer}],
    [#counter(page).display("1 / 1", both: true)])
])
"""


class NotInstalled(Problem):
    """Typst is not installed: pages are printed by a browser, and are not given as PDF."""

    extra: str


class NotSet(Problem):
    """A page cannot be set as PDF/A, for this `reason`: no font has one of its characters."""

    reason: str


class Sheet(NamedTuple):
    """A page to be set: its HTML, and what each sheet says of it.

    `footer` are lines for the foot of each sheet; `day` is the day of its last entry, as the date
    of the document.
    """

    html: str
    title: str
    author: str
    footer: Sequence[str]
    day: tuple[int, int, int]


@cache
def is_installed() -> bool:
    """True if pages can be given as PDF."""
    return find_spec("typst") is not None


def as_pdf(sheet: Sheet) -> bytes:
    """Set a page, and return the bytes of its PDF. Raises `NotInstalled`, `NotSet`."""
    try:
        import typst  # noqa: PLC0415  (an extra)
    except ImportError:
        raise NotInstalled(extra="pdf") from None
    source = typst_of(sheet).encode()
    try:
        return bytes(typst.compile(source, format="pdf", pdf_standards=STANDARD, timestamp=0))
    except typst.TypstError as error:
        raise NotSet(reason=error.message) from error


def typst_of(sheet: Sheet) -> str:
    """Return a page in Typst's own language. All that it says stands in quoted strings."""
    reader = _Reader()
    reader.feed(sheet.html)
    reader.close()
    year, month, day = sheet.day
    head = SETTINGS.format(
        title=_quoted(sheet.title),
        author=_quoted(sheet.author),
        year=year,
        month=month,
        day=day,
        footer=" #linebreak();".join(_said(line) for line in sheet.footer),
    )
    return head + reader.content


def _quoted(text: str) -> str:
    """Return a string of Typst: its escapes are those of JSON."""
    plain = "".join(c for c in text if c >= " " or c in "\n\t")
    return json.dumps(plain, ensure_ascii=False)


def _said(text: str) -> str:
    return f"#{_quoted(text)};" if text else ""


class _Element:
    """An open element: its tag, the Typst of what is in it so far, its cells and rows.

    `answered` is true of a pair in a list of terms that has its value.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.skipped = self.answered = False
        self.parts: list[str] = []
        self.cells: list[tuple[bool, str]] = []
        self.rows: list[list[tuple[bool, str]]] = []


class _Reader(HTMLParser):
    """Reads what is within `main`, and writes it as Typst."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Element] = []
        self.content = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main" and not self._open:
            self._open.append(_Element(tag))
        elif not self._open:
            return
        elif tag in EMPTY:
            if tag == "br":
                self._open[-1].parts.append("#linebreak();")
        else:
            given = {name: value or "" for name, value in attrs}
            self._begin(tag, {*given.get("class", "").split()}, hidden="hidden" in given)

    def _begin(self, tag: str, classes: set[str], *, hidden: bool) -> None:
        above = self._open[-1]
        element = _Element(tag)
        element.skipped = (
            above.skipped
            or hidden
            or tag in SKIPPED
            or bool(SKIPPED_CLASSES & classes)
            or (tag == "caption" and "vh" in classes)
            or (above.tag, tag) == ("caption", "small")  # how to sort
            or (tag == "dd" and above.answered)  # what a reader may do there
        )
        above.answered = above.answered or tag == "dd"
        self._open.append(element)

    def handle_data(self, data: str) -> None:
        if self._open and not self._open[-1].skipped:
            verbatim = any(each.tag == "pre" for each in self._open)
            words = data if verbatim else " ".join(data.split())
            if not verbatim and words:
                words = " " * data[:1].isspace() + words + " " * data[-1:].isspace()
            elif not verbatim and data:
                words = " "
            if verbatim:
                lines = words.split("\n")
                self._open[-1].parts.append("#linebreak();".join(_said(line) for line in lines))
            elif words.strip():
                self._open[-1].parts.append(_said(words))
            elif self._open[-1].parts:
                self._open[-1].parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if not any(each.tag == tag for each in self._open):
            return
        while self._open:
            ended = self._open.pop()
            self._end(ended)
            if ended.tag == tag:
                return

    def _end(self, ended: _Element) -> None:
        inner = "".join(ended.parts).strip()
        if ended.skipped:
            return
        if ended.tag == "main":
            self.content += inner
        elif ended.tag in ("td", "th", "tr"):
            self._keep_cells(ended, inner)
        elif made := _made_of(ended, inner):
            self._open[-1].parts.append(made)

    def _keep_cells(self, ended: _Element, inner: str) -> None:
        holder = self._nearest("table" if ended.tag == "tr" else "tr")
        if holder is not None and ended.tag == "tr":
            holder.rows.append(ended.cells)
        elif holder is not None:
            holder.cells.append((ended.tag == "th", inner))

    def _nearest(self, tag: str) -> _Element | None:
        return next((each for each in reversed(self._open) if each.tag == tag), None)


def _made_of(ended: _Element, inner: str) -> str:
    """Return the Typst of an element, empty where nothing is in it."""
    if ended.tag == "table":
        return inner + _table([row for row in ended.rows if row])
    if not inner:
        return ""
    level = 3 if ended.tag == "caption" else HEADINGS.get(ended.tag)
    if level:
        return f"#heading(level: {level})[{inner}];"
    return WRAPPED.get(ended.tag, "{}").replace("{}", inner)


def _table(rows: Sequence[Sequence[tuple[bool, str]]]) -> str:
    """Return rows of cells as a table; the first row, if all of it are heads, on each sheet."""
    if not rows:
        return ""
    columns = max(len(row) for row in rows)
    full = [[*row, *[(False, "")] * (columns - len(row))] for row in rows]
    head = all(is_head for is_head, _ in rows[0]) and len(rows) > 1
    body = full[1:] if head else full
    told = [f"columns: ({'auto, ' * columns})"]
    if head:
        told.append(f"table.header({', '.join(f'[#strong[{said}];]' for _, said in full[0])})")
    told += [f"[{said}]" for row in body for _, said in row]
    return f"#table({', '.join(told)});"
