"""Documents: the originals of papers that the record names by digest, attached or not."""

from __future__ import annotations

from adapters.bootstrap import Register
from adapters.queries.moment import Moment, NothingRecorded
from adapters.queries.rows import Row
from projections.matters import DECISION_RECORD, MatterItem


class DocumentRow(Row):
    """The original of a paper as the record names it, and what is attached under its digest.

    `document` is the paper's item in its matter, `name` the file's as the record has it; `size`
    is in bytes. `media_type` and `size` are null where nothing is attached.
    """

    matter: str
    document: str
    title: str
    name: str
    sha256: str
    attached: bool
    media_type: str | None
    size: int | None


def documents(register: Register, at: Moment) -> list[DocumentRow]:
    """Return the originals that papers name, as far as they may be seen; the first paper first."""
    papers = _papers_with_originals(register, at)
    attached = register.attachments.every() if papers else {}
    rows: list[DocumentRow] = []
    for paper in papers:
        source = paper.detail["source"]
        found = attached.get(source["sha256"])
        rows.append(
            DocumentRow(
                matter=paper.matter,
                document=paper.item,
                title=paper.title,
                name=source["name"],
                sha256=source["sha256"],
                attached=found is not None,
                media_type=found.media_type if found else None,
                size=found.size if found else None,
            )
        )
    return rows


def originals(register: Register, at: Moment) -> dict[str, str]:
    """Return the digest of each paper's original, by the paper's item, as the record alone has it.

    Of two papers of one name it is that of the later one.
    """
    papers = _papers_with_originals(register, at)
    return {paper.item: paper.detail["source"]["sha256"] for paper in papers}


def _papers_with_originals(register: Register, at: Moment) -> list[MatterItem]:
    held = register.reader(DECISION_RECORD).every(at.on, at.known)
    found = [each.state for each in held if each.state.detail.get("source")]
    return sorted(found, key=lambda paper: (str(paper.on), paper.matter, paper.item))


def document(register: Register, sha256: str, at: Moment) -> DocumentRow:
    """Return the document of a digest if a paper that may be seen names it.

    Raises `NothingRecorded`, whether it is attached or not.
    """
    for row in documents(register, at):
        if row.sha256 == sha256:
            return row
    raise NothingRecorded(document=sha256)
