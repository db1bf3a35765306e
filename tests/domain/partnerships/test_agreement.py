"""Agreements: signed by each party on its own day, in force from the last one (rule C9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.council.persons import OfficeHolder
from domain.instruments import (
    AgreementExists,
    AgreementText,
    EndAgreement,
    EnterAgreement,
    GiveAgreementRole,
    Party,
    PartySide,
    RenewAgreement,
    Side,
)
from domain.partnerships.agreement import (
    TIMELINE,
    Agreement,
    AgreementDayCame,
    AgreementEnded,
    AgreementEntered,
    AgreementInstrument,
    AgreementKnown,
    AgreementOver,
    AgreementRatified,
    AgreementRenewed,
    AgreementRoleGiven,
    AgreementSigned,
    ExpiresBeforeItBegins,
    NoAgreement,
    NoSuchTerm,
    NotAParty,
    NotSigned,
    PartiesUnclear,
    RatifyForParty,
    SignedAlready,
    SignForParty,
    Status,
    act_of_party,
    agreement_in_words,
    days_of_agreement,
    decide,
    evolve,
    first_day_of_agreement,
    stream_of,
)
from domain.shared.dates import When as Day
from domain.shared.findings import Ruling
from tests.support.given import Context
from tests.support.small_city import ADOPTION, KIEV, REPORT, basis

pytestmark = pytest.mark.rule("C9")

OURS, THEIRS = "Our City", "City of Kiev"
PARTIES = (
    Party(name=OURS, side=PartySide.OURS),
    Party(name=THEIRS, side=PartySide.THEIRS, place="UA-KIEV"),
)
SAID: dict[str, Any] = {"kind": "twinning", "description": "A twinning", "parties": PARTIES}
APPROVED = basis("2002-03-05", ADOPTION, REPORT)
MAYOR = OfficeHolder(name="D. Miller", office="Mayor")

agreement = Context(evolve, Agreement())


def day(text: str) -> Day:
    return Day.parse(text)


def entered(**more: Any) -> AgreementEntered:
    text = AgreementText.model_validate({**SAID, **more})
    return AgreementEntered(agreement="twins", text=text, places=(KIEV,), **APPROVED)


def signed(party: str, on: str) -> AgreementSigned:
    return AgreementSigned(agreement="twins", party=party, **basis(on))


def ratified(party: str, on: str) -> AgreementRatified:
    return AgreementRatified(agreement="twins", party=party, **basis(on))


def came(on: str, **named: str) -> AgreementDayCame:
    days: dict[str, Any] = {name: day(text) for name, text in named.items()}
    at = basis("2002-03-05", ADOPTION, REPORT, effective=on)
    return AgreementDayCame(agreement="twins", **days, **at)


def entering(**more: Any) -> EnterAgreement:
    return EnterAgreement.model_validate({"agreement": "twins", **SAID, **more})


def stating(**more: Any) -> AgreementExists:
    return AgreementExists.model_validate({"agreement": "twins", **SAID, **more})


def doing(act: AgreementInstrument, on: str = "2002-03-05") -> Callable[[Agreement], Ruling]:
    at = APPROVED if on == "2002-03-05" else basis(on, ADOPTION)
    return lambda state: decide(state, act, at, [KIEV])


def party_does(act: SignForParty | RatifyForParty) -> Callable[[Agreement], Ruling]:
    return lambda state: act_of_party(state, act, basis(act.on))


def signing(party: str, on: str = "2002-04-01") -> SignForParty:
    return SignForParty(agreement="twins", party=party, by=MAYOR, on=day(on))


def ratifying(party: str, on: str = "2002-05-01") -> RatifyForParty:
    return RatifyForParty(agreement="twins", party=party, by=MAYOR, on=day(on))


BOTH = (signed(OURS, "2002-04-01"), signed(THEIRS, "2002-04-09"))
IN_FORCE = (entered(), *BOTH)
ENDED = AgreementEnded(agreement="twins", by=Side.THEM, reason=None, **basis("2003-01-01"))
RENEW = RenewAgreement(agreement="twins", expires=day("2009-12-31"), reason="it went well")


# Entered


def test_an_agreement_is_entered_with_its_text_and_places() -> None:
    agreement.given().when(doing(entering())).then(entered())
    assert agreement.given(entered()).state == Agreement(entered=entered())
    assert agreement.given(entered()).state.status is Status.APPROVED
    assert agreement.given().state.status is None


def test_the_days_that_an_agreement_names_come_by_themselves() -> None:
    """In force on 1 May 2002; the last day is 31 December 2004, and it is over on the day after."""
    named = {"in_force": day("2002-05-01"), "expires": day("2004-12-31")}
    days = (
        came("2002-05-01", in_force="2002-05-01"),
        came("2005-01-01", expires="2004-12-31"),
    )
    agreement.given().when(doing(entering(**named))).then(entered(**named), *days)
    assert days_of_agreement(entered(**named)) == days
    assert days_of_agreement(entered()) == ()


def test_an_agreement_is_entered_once() -> None:
    act = doing(entering())
    agreement.given(entered()).when(act).refused(AgreementKnown, rule="C9", agreement="twins")


@pytest.mark.parametrize(
    ("parties", "ratified_by"),
    [
        ((Party(name=THEIRS, side=PartySide.OURS), PARTIES[0]), ()),
        ((PARTIES[1], PARTIES[1].model_copy(update={"name": "Kiev Port"})), ()),
        ((PARTIES[0], PARTIES[1].model_copy(update={"place": None})), ()),
        (
            (
                PARTIES[0].model_copy(update={"place": "UA-KIEV"}),
                Party(name="Z", side=PartySide.THEIRS),
            ),
            (),
        ),
        ((*PARTIES, PARTIES[0].model_copy(update={"succeeded_by": "X"})), ()),
        (PARTIES, ("the State",)),
        (PARTIES, (OURS, "the State")),
    ],
    ids=[
        "none on their side",
        "none on ours",
        "theirs without a place",
        "only ours with a place",
        "a name twice",
        "ratified by a stranger",
        "ratified by a party and a stranger",
    ],
)
def test_each_side_has_a_party_with_a_name_of_its_own(
    parties: tuple[Party, ...], ratified_by: tuple[str, ...]
) -> None:
    act = entering(parties=tuple(p.model_dump() for p in parties), ratified_by=ratified_by)
    names = tuple(party.name for party in parties)
    told = {"rule": "C9", "agreement": "twins", "parties": names, "ratified_by": ratified_by}
    agreement.given().when(doing(act)).refused(PartiesUnclear, **told)


def test_an_agreement_expires_after_it_begins() -> None:
    """It begins by the decision, or on the day that it names."""
    by_decision = doing(entering(expires=day("2002-03-04")))
    told = {"rule": "C9", "agreement": "twins", "expires": "2002-03-04", "on": "2002-03-05"}
    agreement.given().when(by_decision).refused(ExpiresBeforeItBegins, **told)
    later = {"in_force": day("2002-05-01"), "expires": day("2002-04-30")}
    told |= {"expires": "2002-04-30", "on": "2002-05-01"}
    agreement.given().when(doing(entering(**later))).refused(ExpiresBeforeItBegins, **told)
    for expires in ("2002-03-05", "2002-03"):
        one_day = {"expires": day(expires)}
        ruling = doing(entering(**one_day))(Agreement())
        assert ruling.events[0] == entered(**one_day)


# Stated by a report


def test_a_report_states_signatures_and_ratifications_on_their_days() -> None:
    act = stating(
        ratified_by=(OURS, THEIRS),
        signed={THEIRS: day("1991-05-02"), OURS: day("1991-04-01")},
        ratified={THEIRS: day("1992-06-01"), OURS: day("1991-07-01")},
    )
    at = {**APPROVED, "by_convention": False}

    def on(kind: Any, party: str, text: str) -> Any:
        return kind(agreement="twins", party=party, **{**at, "effective_from": day(text)})

    agreement.given().when(doing(act)).then(
        entered(ratified_by=(OURS, THEIRS)),
        on(AgreementSigned, OURS, "1991-04-01"),
        on(AgreementSigned, THEIRS, "1991-05-02"),
        on(AgreementRatified, OURS, "1991-07-01"),
        on(AgreementRatified, THEIRS, "1992-06-01"),
    )


def test_a_stated_agreement_is_there_since_the_first_signature() -> None:
    act = stating(signed={THEIRS: day("1991-05-02"), OURS: day("1991-04-01")})
    expected = {**APPROVED, "effective_from": day("1991-04-01"), "by_convention": False}
    assert first_day_of_agreement(act, APPROVED) == expected
    assert first_day_of_agreement(entering(), APPROVED) == APPROVED


def test_a_report_cannot_state_what_no_party_can_do() -> None:
    stranger = stating(signed={OURS: day("1991-04-01"), "Lviv": day("1991-04-02")})
    told = {"agreement": "twins", "party": "Lviv", "parties": (OURS, THEIRS)}
    agreement.given().when(doing(stranger)).refused(NotAParty, **told)
    unsigned = stating(signed={OURS: day("1991-04-01")}, ratified={THEIRS: day("1991-05-01")})
    agreement.given().when(doing(unsigned)).refused(NotSigned, agreement="twins", party=THEIRS)


# Signed, ratified, in force


def test_each_party_signs_and_the_last_signature_puts_it_in_force() -> None:
    ours = AgreementSigned(agreement="twins", party=OURS, by=MAYOR, **basis("2002-04-01"))
    agreement.given(entered()).when(party_does(signing(OURS))).then(ours)
    one = agreement.given(entered(), BOTH[1]).state
    assert (one.status, one.since) == (Status.PARTLY_SIGNED, None)
    both = agreement.given(entered(), BOTH[1], BOTH[0]).state
    assert (both.status, both.since) == (Status.IN_FORCE, day("2002-04-09"))
    assert both.signed == {THEIRS: day("2002-04-09"), OURS: day("2002-04-01")}


def test_one_that_is_to_be_ratified_is_in_force_from_the_last_ratification() -> None:
    text = entered(ratified_by=(THEIRS, OURS))
    event = AgreementRatified(agreement="twins", party=OURS, by=MAYOR, **basis("2002-05-01"))
    agreement.given(text, *BOTH).when(party_does(ratifying(OURS))).then(event)
    half = agreement.given(text, *BOTH, ratified(OURS, "2002-05-01")).state
    assert (half.status, half.since) == (Status.SIGNED, None)
    whole = (text, *BOTH, ratified(THEIRS, "2002-06-01"), ratified(OURS, "2002-05-01"))
    state = agreement.given(*whole).state
    assert (state.status, state.since) == (Status.IN_FORCE, day("2002-06-01"))


def test_a_ratification_that_is_not_asked_for_does_not_put_off_the_beginning() -> None:
    state = agreement.given(*IN_FORCE, ratified(OURS, "2003-05-01")).state
    assert state.since == day("2002-04-09")


def test_it_is_not_in_force_before_the_day_that_it_names() -> None:
    text = entered(in_force=day("2002-07-01"))
    before = agreement.given(text, *BOTH).state
    assert (before.status, before.since) == (Status.SIGNED, None)
    other = agreement.given(text, *BOTH, came("2002-06-01", in_force="2002-06-01")).state
    assert (other.status, other.reached) == (Status.SIGNED, None)
    reached = agreement.given(text, *BOTH, came("2002-07-01", in_force="2002-07-01")).state
    assert (reached.status, reached.since) == (Status.IN_FORCE, day("2002-07-01"))
    late = agreement.given(
        text, BOTH[0], came("2002-07-01", in_force="2002-07-01"), signed(THEIRS, "2002-08-01")
    ).state
    assert (late.status, late.since) == (Status.IN_FORCE, day("2002-08-01"))


def test_only_a_party_signs_and_once() -> None:
    stranger = party_does(signing("Lviv"))
    told = {"rule": "C9", "agreement": "twins", "party": "Lviv", "parties": (OURS, THEIRS)}
    agreement.given(entered()).when(stranger).refused(NotAParty, **told)
    again = party_does(signing(OURS, "2002-06-01"))
    told = {"rule": "C9", "agreement": "twins", "party": OURS, "on": "2002-04-01"}
    agreement.given(*IN_FORCE).when(again).refused(SignedAlready, **told)


def test_a_party_ratifies_what_it_signed_and_once() -> None:
    unsigned = agreement.given(entered(), BOTH[0]).when(party_does(ratifying(THEIRS)))
    unsigned.refused(NotSigned, rule="C9", agreement="twins", party=THEIRS)
    again = agreement.given(*IN_FORCE, ratified(OURS, "2002-05-01"))
    told = {"agreement": "twins", "party": OURS, "on": "2002-05-01"}
    again.when(party_does(ratifying(OURS, "2002-06-01"))).refused(SignedAlready, **told)


@pytest.mark.parametrize(
    "act",
    [
        party_does(signing(OURS)),
        party_does(ratifying(OURS)),
        doing(RENEW),
        doing(EndAgreement(agreement="twins")),
        doing(GiveAgreementRole(agreement="twins", role="r", holder=MAYOR)),
    ],
    ids=["sign", "ratify", "renew", "end", "give a role"],
)
def test_nothing_is_done_with_an_agreement_that_is_not_there(
    act: Callable[[Agreement], Ruling],
) -> None:
    agreement.given().when(act).refused(NoAgreement, rule="C9", agreement="twins")


# Renewed, expired, ended


def test_an_agreement_is_renewed_until_another_day() -> None:
    renewed = AgreementRenewed(
        agreement="twins", expires=RENEW.expires, reason="it went well", **APPROVED
    )
    over = came("2010-01-01", expires="2009-12-31")
    agreement.given(*IN_FORCE).when(doing(RENEW)).then(renewed, over)
    assert days_of_agreement(renewed) == (over,)
    assert agreement.given(*IN_FORCE, renewed).state.expires == day("2009-12-31")


def test_an_agreement_is_renewed_without_a_last_day() -> None:
    open_end = RENEW.model_copy(update={"expires": None})
    renewed = AgreementRenewed(agreement="twins", expires=None, reason="it went well", **APPROVED)
    lasting = agreement.given(entered(expires=day("2004-12-31")), *BOTH)
    lasting.when(doing(open_end)).then(renewed)
    assert evolve(lasting.state, renewed).expires is None


def test_a_renewal_gives_another_last_day_that_is_to_come() -> None:
    told = {"rule": "C9", "agreement": "twins", "expires": "2009-12-31"}
    until = agreement.given(entered(expires=day("2009-12-31")), *BOTH)
    until.when(doing(RENEW)).refused(NoSuchTerm, **told)
    past = doing(RENEW.model_copy(update={"expires": day("2002-03-04")}))
    told |= {"expires": "2002-03-04", "on": "2002-03-05"}
    until.when(past).refused(ExpiresBeforeItBegins, **told)


def test_an_agreement_that_was_in_force_expires_after_its_last_day() -> None:
    until = entered(expires=day("2004-12-31"))
    over = came("2005-01-01", expires="2004-12-31")
    assert agreement.given(until, *BOTH, over).state.status is Status.EXPIRED
    never_signed = agreement.given(until, BOTH[0], over).state
    assert (never_signed.status, never_signed.expired) == (Status.PARTLY_SIGNED, False)
    renewed = AgreementRenewed(agreement="twins", expires=day("2009-12-31"), **APPROVED)
    assert agreement.given(until, *BOTH, renewed, over).state.status is Status.IN_FORCE


def test_an_agreement_ends_and_says_by_whom() -> None:
    act = EndAgreement(agreement="twins", by=Side.THEM, reason="no answer")
    ended = AgreementEnded(agreement="twins", by=Side.THEM, reason="no answer", **APPROVED)
    agreement.given(*IN_FORCE).when(doing(act)).then(ended)
    state = agreement.given(*IN_FORCE, ended).state
    assert (state.ended, state.status) == (Side.THEM, Status.ENDED)


OVER = came("2005-01-01", expires="2004-12-31")


@pytest.mark.parametrize(
    ("last", "status"), [(OVER, Status.EXPIRED), (ENDED, Status.ENDED)], ids=["expired", "ended"]
)
def test_nothing_is_done_with_an_agreement_that_is_over_but_roles(
    last: AgreementEnded | AgreementDayCame, status: Status
) -> None:
    over = agreement.given(entered(expires=day("2004-12-31")), *BOTH, last)
    told = {"rule": "C9", "agreement": "twins", "status": status}
    for act in (
        doing(RENEW),
        doing(EndAgreement(agreement="twins")),
        party_does(signing(OURS)),
        party_does(ratifying(OURS)),
    ):
        over.when(act).refused(AgreementOver, **told)
    role = AgreementRoleGiven(agreement="twins", role="r", holder=MAYOR, **APPROVED)
    over.when(doing(GiveAgreementRole(agreement="twins", role="r", holder=MAYOR))).then(role)


# Roles


def test_a_role_is_given_to_somebody_to_another_or_to_nobody() -> None:
    def given(role: str, holder: OfficeHolder | None) -> AgreementRoleGiven:
        return AgreementRoleGiven(agreement="twins", role=role, holder=holder, **APPROVED)

    chair = OfficeHolder(name="A. Chair", office="Chair")
    roles = (given("liaison", MAYOR), given("host", MAYOR), given("liaison", chair))
    assert agreement.given(entered(), *roles).state.roles == {"host": MAYOR, "liaison": chair}
    gone = agreement.given(entered(), *roles, given("host", None)).state.roles
    assert gone == {"liaison": chair}


# In their places


def test_an_act_is_judged_in_its_place_as_it_was_when_it_was_entered() -> None:
    """A second entry, an act on what is not there, and one on what is over do not fit."""
    nothing, there = Agreement(), agreement.given(*IN_FORCE).state
    over = agreement.given(*IN_FORCE, ENDED).state
    renewed = AgreementRenewed(agreement="twins", expires=None, **APPROVED)
    role = AgreementRoleGiven(agreement="twins", role="r", holder=None, **APPROVED)
    name = {"agreement": "twins"}

    def objects(state: Agreement, event: Any) -> Any:
        refusal = TIMELINE.objection(state, event)
        return refusal and (type(refusal), refusal.details)

    assert objects(nothing, entered()) is None
    assert objects(there, entered()) == (AgreementKnown, {"rule": "C9", **name})
    for event in (renewed, ENDED, role, BOTH[0]):
        assert objects(nothing, event) == (NoAgreement, {"rule": "C9", **name})
    told = {"rule": "C9", **name, "status": Status.ENDED}
    for event in (renewed, ENDED, BOTH[0]):
        assert objects(over, event) == (AgreementOver, told)
    for event in (renewed, ENDED):
        assert objects(there, event) is None
    for state in (nothing, there, over):
        assert objects(state, came("2005-01-01", expires="2004-12-31")) is None
    assert objects(there, role) is objects(over, role) is None


def test_what_an_act_rests_on_is_how_the_agreement_stood() -> None:
    assert agreement_in_words(Agreement()) == "not entered"
    assert TIMELINE.ground(agreement.given(*IN_FORCE).state, ENDED) == "in force"


def test_each_agreement_has_a_stream_and_each_party_an_act_of_its_own() -> None:
    assert stream_of("twins") == "agreement/twins"
    assert signing(OURS).item == f"twins/{OURS}"
