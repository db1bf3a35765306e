"""Pages and API of the reading room, on the record of 2001: what they say, keep and refuse."""

from __future__ import annotations

import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.settings import Settings
from adapters.web.app import create_app
from adapters.web.pages.layout import day_in_words
from tests.support.served import Source
from tests.support.street import RECORDS, Street

DAY = "2001-12-06"
BROWSER = {"Accept": "text/html,*/*"}
LISTS = (
    "partnerships",
    "targeted",
    "provisions",
    "matters",
    "decisions",
    "motions",
    "explorations",
    "discrepancies",
)
PAGES = (
    "/partnerships",
    "/partnerships/UA-KIEV",
    "/policy",
    "/policy/outbound/2",
    "/policy/outbound",
    "/matters",
    "/matters/2001-12-4",
    "/decisions",
    "/due",
    "/discrepancies",
    "/explorations",
    "/missions",
    "/requests",
    "/why/partnership/kiev/classification",
    "/why/provision/outbound/2",
    "/log",
    "/log/100",
)


def settings_of(street: Street) -> Settings:
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    return Settings.model_validate(given)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """The record of 2001."""
    made = Street.on_sqlite(tmp_path_factory.mktemp("street"))
    made.done("setup")
    made.done("record", RECORDS)
    return made


@pytest.fixture(scope="module")
def client(street: Street) -> Iterator[TestClient]:
    with open_register(settings_of(street)) as register:
        yield TestClient(
            create_app(Source(), {}, threading.Event(), register), base_url="http://127.0.0.1:8414"
        )


class Links(HTMLParser):
    """The links of a page, and every text of it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(client: TestClient, path: str, **query: object) -> str:
    given = {name: str(value) for name, value in query.items()} or None
    answer = client.get(path, params=given, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("day", ["2001-11-30", "2001-12-05", DAY])
def test_every_page_is_whole_on_every_day(client: TestClient, path: str, day: str) -> None:
    answer = client.get(path, params={"as_of": day}, headers=BROWSER)
    if path == "/why/provision/outbound/2" or "why" not in path or day == DAY:
        assert answer.status_code == 200
    page = answer.text
    assert page.count("<h1>") >= 1
    assert "</html>" in page
    assert day_in_words(day) in page


MAP = re.compile(r'<figure class="clocks">.*?</table>', re.DOTALL)
"""Two clocks, whose links lead to other dates on purpose."""


def test_every_link_of_every_page_leads_somewhere_and_keeps_the_dates(client: TestClient) -> None:
    todo, seen = ["/partnerships?as_of=2001-12-06&known_at=200"], set[str]()
    while todo:
        at = todo.pop()
        if at in seen or len(seen) > 120:
            continue
        seen.add(at)
        answer = client.get(at, headers=BROWSER)
        assert answer.status_code == 200, f"{at}: {answer.status_code}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for link in Links(MAP.sub("", answer.text)).links:
            if link.startswith("#") or "show" in link:
                continue
            path = link.partition("#")[0]
            if "known_at" not in path:
                assert path == re.sub(r"&known_at=\d+", "", at), f"{at} leads to {link}"
                continue
            assert "as_of=2001-12-06" in path
            todo.append(path)
    assert len(seen) > 60


def test_each_area_of_two_clocks_leads_to_the_page_at_that_point(client: TestClient) -> None:
    page = read(client, "/partnerships/UA-KIEV", as_of=DAY)
    drawn = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"><rect', page)
    assert len(drawn) == len(set(drawn)) == 7
    for link, said in drawn:
        answer = client.get(link.replace("&amp;", "&"), headers=BROWSER)
        if "known at 0–" in said:
            assert "Nothing held of Kiev on 6 December 2001, up to position" in answer.text
            continue
        head = answer.text.partition("<h2")[0]
        assert ("Historical" in head) is ("Historical" in said)
        assert ("No class" in head) is ("Partner" in said)
    table = page.partition("The same as a table")[2]
    assert sorted(re.findall(r'<td><a href="([^"]+)"', table)) == sorted(a for a, _ in drawn)


def test_a_cited_address_and_the_other_forms_keep_the_filters(client: TestClient) -> None:
    path = "/partnerships?country=china&sort=city"
    page = client.get(path, headers=BROWSER)
    cited = page.headers["content-location"]
    head = client.get("/api/v1/log?limit=1000").json()[-1]["position"]
    assert cited.startswith("/partnerships?country=china&sort=city&as_of=2")
    assert cited.endswith(f"&known_at={head}")
    assert cited.replace("&", "&amp;") in page.text
    assert "5 partnerships" in read(client, cited)
    as_json = next(link for link in Links(page.text).links if link.startswith("/api/v1/"))
    assert [row["city"] for row in client.get(as_json).json()] == [
        *("Chongqing", "Shenyang", "Tianjin", "Wuxi", "Xiamen")
    ]
    form = page.text.partition('<form class="row" action="/partnerships">')[2]
    assert '<input type="hidden" name="country" value="china">' in form


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"as_of": DAY, "known_at": "99999"}, "Position 99999 is not recorded yet; this is"),
        ({"as_of": DAY, "known_at": "2999-01-01T00:00:00Z"}, "has not come yet"),
        ({"as_of": "2999-01-01", "known_at": "200"}, "2999-01-01 is to come: this is what"),
    ],
)
def test_a_date_beyond_what_is_recorded_says_so_and_is_not_kept(
    client: TestClient, query: dict[str, str], says: str
) -> None:
    answer = client.get("/partnerships", params=query, headers=BROWSER)
    assert says in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_the_register_counts_cities_by_class(client: TestClient) -> None:
    page = read(client, "/partnerships", as_of=DAY)
    figures = page.partition('<ul class="figures">')[2].partition("</ul>")[0]
    assert re.findall(r"<b>(\d+)</b>", figures) == ["11", "15", "6"]
    assert "26 partnerships" in page


def test_before_the_decision_no_city_has_a_class(client: TestClient) -> None:
    page = read(client, "/partnerships", as_of="2001-11-30")
    assert "International</span>" not in page
    assert "No class" in page


def test_a_former_name_finds_a_city(client: TestClient) -> None:
    page = read(client, "/partnerships", as_of=DAY, search="kyiv")
    assert "1 partnership " in page
    assert "/partnerships/UA-KIEV" in page


def test_an_empty_answer_says_so_with_its_position(client: TestClient) -> None:
    page = read(client, "/partnerships", as_of=DAY, search="zz", known_at=200)
    assert re.search(
        r"No partnership fits these filters on 6 December 2001, up to position \d+", page
    )


def test_on_a_sitting_day_both_states_are_shown(client: TestClient) -> None:
    page = read(client, "/partnerships/kiev", as_of="2001-12-05")
    assert "Not determinate on 5 December 2001" in page
    assert "No class" in page
    assert "Historical" in page


def test_a_text_that_was_never_in_force_is_told_from_the_law(client: TestClient) -> None:
    page = read(client, "/policy/outbound/2", as_of=DAY)
    assert '<blockquote class="law never">' in page
    assert "City Council approves who is on the official delegation." in page
    assert "never in force" in page.lower()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("day", ["2001-11-30", "2001-12-05", DAY])
def test_the_api_has_the_rows_of_the_command_line(
    client: TestClient, street: Street, name: str, day: str
) -> None:
    rows = client.get(f"/api/v1/{name}", params={"as_of": day}).json()
    assert rows == street.rows("list", name, "--as-of", day)


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("policy/outbound/2", ("policy", "outbound/2")),
        ("matters/2001-12-4", ("show", "matter", "2001-12-4")),
        ("discrepancies/1", ("show", "discrepancy", "1")),
        ("why/partnership/kiev", ("why", "partnership/kiev")),
        ("deadlines", ("deadlines",)),
        ("due", ("due", "--all")),
    ],
)
def test_one_thing_is_the_same_in_both(
    client: TestClient, street: Street, path: str, command: tuple[str, ...]
) -> None:
    told = client.get(f"/api/v1/{path}", params={"as_of": DAY}).json()
    assert told == street.rows(*command, "--as-of", DAY)


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        ("partnerships", {"as_of": "0"}, 400, "as_of: '0' is not a day such as 2001-12-06"),
        ("partnerships", {"as_of": "2001-02-30"}, 400, "as_of: '2001-02-30'"),
        ("partnerships", {"known_at": "now"}, 400, "known_at: 'now' is neither a position nor"),
        ("partnerships", {"known_at": "2026-01-01T00:00"}, 400, "does not say its zone"),
        ("partnerships", {"country": "Atlantis"}, 404, "Atlantis"),
        (
            "partnerships",
            {"colour": "red"},
            400,
            "'colour' is not a parameter here; known are as_of",
        ),
        ("partnerships/kief", {}, 404, "Kiev"),
        ("policy/outbound/22", {}, 404, "outbound/2"),
        ("matters/none", {}, 404, "none"),
        ("why/weather/kiev", {}, 404, "partnership/CITY"),
        ("redline", {"before": "drafted", "after": "v1"}, 422, "recommended"),
        ("redline", {"before": "2001-02-30"}, 422, "2001-02-30"),
        ("redline", {"before": "v1", "after": "v9", "provision": "outbound/2"}, 422, "v9"),
        ("redline", {"before": "v1", "provision": "outbound/22"}, 404, "outbound/2"),
    ],
)
def test_what_cannot_be_answered_is_said(
    client: TestClient, path: str, query: dict[str, str], status: int, says: str
) -> None:
    for prefix, headers in (("/api/v1/", {}), ("/", BROWSER)):
        answer = client.get(prefix + path, params=query, headers=headers)
        assert answer.status_code == status
        page = answer.headers["content-type"].startswith("text/html")
        assert page is (prefix == "/")
        told = Links(answer.text).text if page else answer.text
        assert says in told.replace("\\\\", "")


def test_a_name_that_nobody_knows_leads_to_those_like_it(client: TestClient) -> None:
    query = {"as_of": DAY, "known_at": "200"}
    for path in ("/partnerships/kief", "/why/partnership/kief/classification"):
        answer = client.get(path, params=query, headers=BROWSER)
        assert answer.status_code == 404
        assert "Nothing about the city kief up to position" in answer.text
        (near,) = [link for link in Links(answer.text).links if "Kiev" in link]
        assert near.startswith(path.replace("kief", "Kiev"))
        assert "as_of=2001-12-06&known_at=200" in near
        assert "Kiev" in read(client, near)
    told = client.get("/api/v1/partnerships/kief", params=query).json()
    assert told["details"] == {"city": "kief", "near": ["Kiev"]}
    assert told["detail"].startswith("nothing about the city kief up to position")


def test_a_city_that_was_not_named_yet_leads_to_what_is_known_now(client: TestClient) -> None:
    answer = client.get("/partnerships/UA-KIEV?known_at=2", headers=BROWSER)
    assert answer.status_code == 404
    assert "Nothing about the city UA-KIEV up to position" in answer.text
    assert '<a href="/partnerships/UA-KIEV">Ask what is known now</a>' in answer.text


def test_every_answer_has_the_limits_for_a_browser(client: TestClient) -> None:
    for path in ("/partnerships", "/partnerships/kief", "/nothing", "/api/v1/policy", "/feed/x"):
        for headers in (BROWSER, {"Host": "elsewhere.example"}):
            answer = client.get(path, headers=headers)
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_log_is_read_page_by_page_to_its_end(client: TestClient, street: Street) -> None:
    seen, path = list[int](), "/log?known_at=1000000"
    while path:
        text = read(client, path)
        seen += [int(position) for position in re.findall(r'id="p(\d+)"', text)]
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == [row["position"] for row in street.run("log", "-f", "json").lines]


def test_the_log_is_narrowed_by_words_stream_and_kind(client: TestClient) -> None:
    page = read(client, "/log", stream="partnership/UA-KIEV")
    assert re.search(r"\d+ entries", page)
    assert "partnership/UA-KIEV" in page
    assert "partnership/PT-LISBON" not in page
    assert "motion moved" not in read(client, "/log", kind="decision-taken")
    assert "No entry up to position" in read(client, "/log", grep="zeppelin")


def test_an_entry_that_was_not_known_yet_is_not_shown(client: TestClient) -> None:
    later = client.get("/log/150", params={"known_at": "100"}, headers=BROWSER)
    assert later.status_code == 404
    assert client.get("/log/0", headers=BROWSER).status_code == 422


@pytest.mark.parametrize(
    ("before", "after", "provision"),
    [
        ("submitted@2001-12-4", "adopted@2001-12-4", None),
        ("2001-12-03", "2001-12-05", "outbound/2"),
        ("2001-12-03", DAY, None),
        ("v1", "v1", "outbound/2"),
    ],
)
def test_a_redline_is_that_of_the_command(
    client: TestClient, street: Street, before: str, after: str, provision: str | None
) -> None:
    query = {"before": before, "after": after} | ({"provision": provision} if provision else {})
    told = client.get("/api/v1/redline", params=query).json()
    given = () if provision is None else (provision,)
    assert told == street.rows("policy", "diff", before, after, *given)
    page = read(client, "/redline", **query)
    assert page.count("<h2 id=") == len(told)
    assert (f"{len(told)} provision" in page) or (not told and "Nothing differs" in page)


def test_the_redline_of_the_clause_on_delegations(client: TestClient) -> None:
    page = read(client, "/policy/outbound/2", as_of=DAY)
    assert '<del><span class="vh">Taken out: </span>The Mayor selects the Council' in page
    assert '<ins><span class="vh">Put in: </span>City Council approves who' in page
    assert "the papers name no mover" in page


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("decisions?body=council", ["council-adopts"]),
        ("decisions?result=recommend", ["committee-recommends"]),
        ("motions?result=carried&body=edp-committee", ["committee-kiev-gamma"]),
        ("decisions?year=2001&search=ASKS%20the%20commissioner", ["committee-asks-for-report"]),
        ("decisions?body=nobody", []),
    ],
)
def test_a_list_is_narrowed_in_the_same_way_on_pages_and_in_the_api(
    client: TestClient, path: str, left: list[str]
) -> None:
    assert [row["item"] for row in client.get(f"/api/v1/{path}").json()] == left
    page = read(client, f"/{path}")
    main = page.partition("<table>")[2]
    assert re.findall(r'<th scope="row"><a href="[^"#]+#([^"]+)"', main) == left
    name, _, query = path.partition("?")
    lines = client.get(f"/api/v1/{name}.csv?{query}").text.splitlines()
    assert len(lines) == len(left) + 1
    assert lines[0].startswith("matter,item,kind,on,title,")
    if not left:
        assert "No decision fits body nobody on" in page


def test_filters_count_what_they_would_leave(client: TestClient) -> None:
    page = read(client, "/decisions?body=edp-committee")
    body = page.partition('<h2 id="f1">Body</h2>')[2].partition("</ul>")[0]
    assert re.findall(r'<span class="n">(\d+)</span>', body) == ["2", "1"]
    assert 'aria-current="true"><span>edp-committee' in body
    decided = page.partition(">Decided</h2>")[2].partition("</ul>")[0]
    assert re.findall(r'<span class="n">(\d+)</span>', decided) == ["1", "1"]


def test_a_list_is_sorted_by_a_column_both_ways(client: TestClient) -> None:
    up = [row["title"] for row in client.get("/api/v1/motions?sort=title").json()]
    down = [row["title"] for row in client.get("/api/v1/motions?sort=-title").json()]
    assert up == sorted(up, key=str.casefold)
    assert down == up[::-1]
    assert 'aria-sort="descending"' in read(client, "/motions?sort=-title")
    wrong = client.get("/api/v1/motions?sort=colour")
    assert wrong.status_code == 400
    assert wrong.json()["detail"].startswith("sort: 'colour' is no order of this list; known are")


def test_the_csv_of_partnerships_has_the_filters_of_the_page(client: TestClient) -> None:
    lines = client.get("/api/v1/partnerships.csv?country=china&sort=city").text.splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [
        *("Chongqing", "Shenyang", "Tianjin", "Wuxi", "Xiamen")
    ]


def test_decisions_are_a_feed_and_deadlines_a_calendar(client: TestClient) -> None:
    feed = client.get("/api/v1/decisions.atom")
    assert feed.headers["content-type"] == "application/atom+xml"
    tree = ET.fromstring(feed.content)  # noqa: S314  (our own)
    ns = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.text for e in tree.findall("a:entry/a:id", ns)] == [
        f"urn:alliance-register:toronto:2001-12-4/{row['item']}"
        for row in reversed(client.get("/api/v1/decisions").json())
    ]
    assert all(e.text for e in tree.iter("{http://www.w3.org/2005/Atom}updated"))
    calendar = client.get(f"/api/v1/deadlines.ics?as_of={DAY}")
    assert calendar.content.startswith(b"BEGIN:VCALENDAR")
    policy = client.get(f"/api/v1/policy.xml?as_of={DAY}")
    assert policy.headers["content-type"] == "application/akn+xml"
    assert b"<akomaNtoso" in policy.content
    assert client.get("/api/v1/policy.xml?as_of=2001-11-30").status_code == 404


def test_an_entry_shows_the_tree_of_its_causes(client: TestClient, street: Street) -> None:
    position = client.get("/api/v1/log?kind=decision-taken").json()[-1]["position"]
    page = read(client, f"/log/{position}")
    tree = page.partition('<div class="tree">')[2].partition("</div>")[0]
    on_the_command_line = street.run("log", "--tree", position, "-f", "json").out
    positions = set(re.findall(r'"position": (\d+)', on_the_command_line))
    assert set(re.findall(r'href="/log/(\d+)', tree)) == positions
    assert len(positions) > 50
    assert "<details><summary><b>" in tree


def test_a_parameter_given_twice_is_refused(client: TestClient) -> None:
    answer = client.get(f"/api/v1/partnerships?as_of={DAY}&as_of=2001-12-05")
    assert (answer.status_code, answer.json()["detail"]) == (400, "'as_of' is given more than once")


def test_an_answer_that_a_reader_has_is_not_sent_again(client: TestClient) -> None:
    for path in ("/partnerships", "/api/v1/partnerships"):
        first = client.get(path, params={"as_of": DAY})
        assert first.headers["cache-control"] == "no-cache"
        again = client.get(
            path, params={"as_of": DAY}, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


def test_markup_in_a_parameter_stays_text(client: TestClient) -> None:
    page = read(client, "/partnerships", search="<script>alert(1)</script>")
    assert page.count("<script") == page.count('<script src="/static/') == 1
    assert "&lt;script&gt;" in page


def test_a_page_lets_nothing_run(client: TestClient) -> None:
    headers = client.get("/partnerships", headers=BROWSER).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"


def recorded_later(folder: Path) -> tuple[Street, Any]:
    made = Street.on_sqlite(folder)
    made.done("setup")
    made.done("record", RECORDS)
    return made, made.head()


def test_a_cited_address_gives_the_same_answer_after_more_was_recorded(tmp_path: Path) -> None:
    street, head = recorded_later(tmp_path)
    query = {"as_of": DAY, "known_at": str(head)}
    with open_register(settings_of(street)) as register:
        client = TestClient(
            create_app(Source(), {}, threading.Event(), register), base_url="http://127.0.0.1:8414"
        )
        paths = [*PAGES, "/api/v1/partnerships", "/api/v1/why/partnership/kiev"]
        before = {path: client.get(path, params=query, headers=BROWSER) for path in paths}
        examples = Path(__file__).parents[3] / "docs" / "examples" / "2002"
        for name in sorted(examples.glob("*.yaml")):
            street.done("record", name)
        assert street.head() > head
        for path in paths:
            after = client.get(path, params=query, headers=BROWSER)
            assert after.content == before[path].content, path
            assert after.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert client.get("/api/v1/missions").json() != []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2001-12-06", "6 December 2001"),
        ("2001-12-04/2001-12-06", "4–6 December 2001"),
        ("2001-11-30/2001-12-02", "30 November – 2 December 2001"),
        ("2001-12-31/2002-01-02", "31 December 2001 – 2 January 2002"),
        ("1986", "1986"),
        ("1986-05", "1986-05"),
        (None, "–"),
    ],
)
def test_days_in_words(when: str | None, said: str) -> None:
    assert day_in_words(when) == said
