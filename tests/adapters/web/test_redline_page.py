"""The redline on a page: both texts can be read from it, and no mark in them is markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.queries.policy.redline import redline
from adapters.web.pages.layout import TEMPLATES

MARKS = (
    *("the", "Mayor", "Council", "approves", " ", "  ", "\n", ".", "’", "é", "[", "]", "(", ")"),
    *("<script>alert(1)</script>", "</del>", "<ins>", "&amp;", "&", "<", ">", '"', "'", "{{ x }}"),
    *('<span class="vh">Put in: </span>', "<!--", "-->", "{+", "+}", "[-", "-]", "\u202e"),
)
WORDS = st.lists(st.sampled_from(MARKS), max_size=30).map(" ".join)
ANYTHING = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"))
TEXTS = st.one_of(WORDS, ANYTHING)


class Read(HTMLParser):
    """The text of a redline by what became of it, and the elements it is made of."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.before = self.after = ""
        self.elements: list[str] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == ([("class", "vh")] if tag == "span" else [])
        self.elements.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "span" in self.open:
            assert data in ("Taken out: ", "Put in: ")
            return
        self.before += data if "ins" not in self.open else ""
        self.after += data if "del" not in self.open else ""


@settings(max_examples=500)
@given(TEXTS, TEXTS)
@example("<script>alert(1)</script>", "&lt;script&gt;")
def test_without_insertions_it_is_the_old_text_and_without_deletions_the_new(
    before: str, after: str
) -> None:
    markup = str(TEMPLATES.get_template("_redline.html").module.red(redline(before, after)))  # type: ignore[attr-defined]
    read = Read(markup)
    assert (read.before, read.after) == (before, after)
    assert set(read.elements) <= {"ins", "del", "span"}
    assert read.open == []
