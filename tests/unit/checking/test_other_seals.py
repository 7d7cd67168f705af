"""The general check of the seals of others: what it finds of a letter that is right but for one thing."""

import functools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from pikepdf import AttachedFileSpec, Dictionary, Pdf, String

from blauweknop.catalogue.texts import all_texts
from blauweknop.checking.check_document import check_document
from blauweknop.checking.explaining import explain_steps, limits_of
from blauweknop.checking.other_seals import check_other_seal
from blauweknop.checking.report import explain, report_json, report_text, seal_level
from blauweknop.checking.seal_judge import JudgeMissing
from blauweknop.checking.steps import STEP_IDS
from blauweknop.checking.transport import trust_from_bytes, trust_to_bytes, verdict_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.foreign.rules import require_quiet_content
from blauweknop.document.pdf_syntax import MalformedPdf, Name, Stream, dictionary
from blauweknop.domain.verdict import CheckedKind, CheckResult, OtherSeal, Rejected, Undecided, Verdict
from blauweknop.standards.eu_trusted_list_reading import read_eu_trusted_list
from blauweknop.standards.trust_list import ServiceStatus
from tests.security.foreign_tampering import appended, plain_letter, prepared
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents as f
from tests.unit.standards import eu_lists as e

WHO = f.stranger()


@functools.cache
def whole() -> bytes:
    """Sealed by the stranger, with a list of that day that says nothing was taken back."""
    return f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()])


def judged(pdf: bytes, trust: Trust | None = None) -> Verdict:
    found = check_other_seal(pdf, trust=f.trust_in(WHO) if trust is None else trust, at=x.NOW)
    assert found is not None
    return found


def reasons(found: Verdict) -> dict[str, str]:
    return {step.id: step.reason for step in found.facts.steps if step.result in (CheckResult.WARN, CheckResult.FAIL)}


def test_a_whole_seal_of_a_recognised_source_is_orange_for_what_it_is_on() -> None:
    found = judged(whole())
    assert isinstance(found, Undecided)
    assert reasons(found) == {"other_kind": "other_seal"}
    assert found.facts.other_seal == OtherSeal(intact=True, known_through="trust_list")
    assert found.facts.sealed_by == "Proef"
    assert found.facts.trust_list_sequence == 7


def test_the_check_of_documents_gives_the_same() -> None:
    trust = f.trust_in(WHO)
    assert check_document(whole(), trust=trust, at=x.NOW, catalogue=x.catalogue()) == check_other_seal(whole(), trust=trust, at=x.NOW)


def test_a_whole_seal_of_nobody_we_know_says_so() -> None:
    found = judged(whole(), x.trust())
    assert reasons(found) == {"other_chain": "other_seal_unknown", "other_kind": "other_seal"}
    assert found.facts.other_seal == OtherSeal(intact=True)
    assert found.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


@pytest.mark.parametrize("trust", [NO_TRUST, Trust(x.trust_list(issued=x.NOW - timedelta(days=90)))])
def test_without_a_list_of_now_nobody_is_known(trust: Trust) -> None:
    assert reasons(judged(whole(), trust))["other_chain"] == "other_seal_unknown"


def test_an_authority_that_we_know_makes_nobody_a_source() -> None:
    other = f.stranger("Iemand anders")
    sibling = f.Stranger(WHO.authority, f.pki.certify("Niet op de lijst", WHO.authority, f.pki.SEAL, starts=x.NOW - f.YEAR))
    pdf = f.sealed(f.letter(), sibling, crls=[WHO.revocation_list()])
    assert reasons(judged(pdf, f.trust_in(WHO, other)))["other_chain"] == "other_seal_unknown"


def test_a_source_that_was_withdrawn_is_no_longer_known() -> None:
    assert reasons(judged(whole(), f.trust_in(WHO, status=ServiceStatus.WITHDRAWN)))["other_chain"] == "other_seal_unknown"


def test_a_certificate_that_was_taken_back_is_red() -> None:
    pdf = f.sealed(f.letter(), WHO)
    taken_back = f.with_proofs(pdf, [WHO.revocation_list(WHO.seal)])
    assert reasons(judged(taken_back))["other_revocation"] == "certificate_revoked"
    assert judged(taken_back).sub_indication == "REVOKED"


def test_a_seal_without_lists_leaves_open_whether_it_was_taken_back() -> None:
    assert reasons(judged(f.sealed(f.letter(), WHO)))["other_revocation"] == "no_crl"


def test_a_list_of_long_ago_leaves_it_open_too() -> None:
    pdf = f.with_proofs(f.sealed(f.letter(), WHO), [WHO.revocation_list(days_ago=60)])
    assert reasons(judged(pdf))["other_revocation"] in ("crl_stale", "no_crl")


def test_a_certificate_that_ended_leaves_open_how_old_the_seal_is() -> None:
    ended = f.stranger("Oud", ended=True)
    assert reasons(judged(f.sealed(f.letter(), ended), f.trust_in(ended)))["other_chain"] == "other_seal_ended"


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_small_key_is_no_proof(bits: int) -> None:
    small = f.stranger("Klein", bits=bits)
    found = judged(f.sealed(f.letter(), small), f.trust_in(small))
    assert reasons(found)["other_chain"] == "seal_algorithm"
    assert isinstance(found, Undecided)


@pytest.mark.parametrize(("digest", "bits"), [("sha1", 0), ("md5", 3072)])
def test_an_old_digest_is_no_proof(digest: str, bits: int) -> None:
    who = f.stranger("Oud", bits=bits)
    found = judged(f.sealed(f.letter(), who, pades=False, digest=digest), f.trust_in(who))
    assert reasons(found)["other_chain"] == "seal_algorithm"
    assert isinstance(found, Undecided)


def test_a_key_that_is_not_for_seals_is_no_proof() -> None:
    wrong = f.Stranger(
        WHO.authority,
        f.pki.certify(
            "Sleutel voor iets anders",
            WHO.authority,
            [f.pki.constraints(authority=False), f.pki.usage("key_agreement")],
            starts=x.NOW - f.YEAR,
        ),
    )
    found = judged(f.sealed(f.letter(), wrong), f.trust_in(wrong))
    assert reasons(found)["other_chain"] == "chain_constraints"


def test_a_time_stamp_of_the_scheme_says_when() -> None:
    pdf = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamped=True)
    found = judged(pdf)
    assert found.facts.best_signature_time == x.ISSUED
    assert {step.id: step.reason for step in found.facts.steps}["other_time_stamp"] == "ok"


def test_a_time_stamp_of_nobody_we_know_proves_no_time_and_does_no_harm() -> None:
    pdf = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamped=True)
    found = judged(pdf, x.without_time_stamp_service())
    assert found.facts.best_signature_time is None
    assert {step.id: step.reason for step in found.facts.steps}["other_time_stamp"] == "other_not_stamped"


def test_a_seal_older_than_the_end_of_its_certificate_still_counts() -> None:
    ended = f.stranger("Oud", ended=True)
    at = x.NOW - timedelta(days=8)
    pdf = f.sealed(f.letter(), ended, stamped=True, stamp_moment=at)
    assert reasons(judged(pdf, f.trust_in(ended)))["other_revocation"] == "no_crl"


def test_two_signers_are_both_named_and_both_must_be_known() -> None:
    second = f.stranger("Tweede", organisation="Tweede organisatie")
    pdf = f.sealed(whole(), second, field_name="Tweede")
    assert judged(pdf).facts.sealed_by == "Proef, Tweede organisatie"
    assert reasons(judged(pdf))["other_chain"] == "other_seal_unknown"
    assert "other_chain" not in reasons(judged(pdf, f.trust_in(WHO, second)))


def test_a_name_that_steers_a_screen_is_shown_without_what_steers() -> None:
    sly = f.stranger("Slinks", organisation="UWV\u202eVWU\u0007")
    assert judged(f.sealed(f.letter(), sly)).facts.sealed_by == "UWVVWU"


# Whose file it is


def with_our_attachment(pdf: Pdf) -> None:
    pdf.attachments["gegevens.json"] = AttachedFileSpec(pdf, b"{}")


def with_our_keywords(pdf: Pdf) -> None:
    pdf.docinfo["/Keywords"] = String("Blauwe Knop")


def with_our_words_in_its_description(pdf: Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as described:
        described["pdf:Keywords"] = "Blauwe  KNOP"


def with_dossier(pdf: Pdf) -> None:
    pdf.attachments["dossier.json"] = AttachedFileSpec(pdf, b"{}", filename="dossier.json")


def test_a_file_that_is_called_a_dossier_is_told_as_one_and_stays_no_document() -> None:
    found = judged(f.sealed(prepared(with_dossier), WHO, crls=[WHO.revocation_list()]))
    assert isinstance(found, Undecided)
    assert reasons(found) == {"other_kind": "other_dossier"}


def test_of_a_dossier_alone_an_authority_that_we_know_is_enough_for_the_name() -> None:
    sibling = f.Stranger(WHO.authority, f.pki.certify("Ontvanger", WHO.authority, f.pki.SEAL, starts=x.NOW - f.YEAR))
    crls = [WHO.revocation_list()]
    dossier, letter = (f.sealed(pdf, sibling, crls=crls) for pdf in (prepared(with_dossier), f.letter()))
    known = [found.facts.other_seal for found in (judged(dossier), judged(letter))]
    assert known == [OtherSeal(intact=True, known_through="authority"), OtherSeal(intact=True, known_through=None)]


@pytest.mark.parametrize("change", [with_our_attachment, with_our_keywords, with_our_words_in_its_description])
def test_a_file_that_claims_to_be_ours_is_ours_to_condemn(change: f.Change) -> None:
    pdf = f.sealed(prepared(change), WHO)
    assert check_other_seal(pdf, trust=f.trust_in(WHO), at=x.NOW) is None
    assert isinstance(check_document(pdf, trust=f.trust_in(WHO), at=x.NOW, catalogue=x.catalogue()), Rejected)


def with_title(title: str) -> f.Change:
    def change(pdf: Pdf) -> None:
        pdf.docinfo["/Title"] = String(title)

    return change


@pytest.mark.parametrize(
    "title",
    ["Brief van BlauweKnop", "Blauwe  Knop", "\N{WHITE STAR} BLAUWE KNOP", "\N{WHITE STAR} blauweknop"],
    ids=["one word", "two spaces", "two bytes a sign", "one word of two bytes a sign"],
)
def test_our_name_is_ours_however_it_is_written(title: str) -> None:
    assert check_other_seal(f.sealed(prepared(with_title(title)), WHO), trust=f.trust_in(WHO), at=x.NOW) is None
    other = f.sealed(prepared(with_title("Brief over een blauwe deurknop")), WHO)
    assert check_other_seal(other, trust=f.trust_in(WHO), at=x.NOW) is not None


def test_an_authority_below_another_on_the_list_can_be_taken_back_by_it() -> None:
    top = f.pki.certify("Top", starts=x.NOW - 2 * f.YEAR)
    below = f.pki.certify("Onder", top, starts=x.NOW - 2 * f.YEAR)
    who = f.Stranger(below, f.pki.certify("Zegel onder", below, f.pki.SEAL, starts=x.NOW - f.YEAR))
    pdf = f.sealed(f.letter(), who)
    trust = f.trust_in(who, f.Stranger(top, f.pki.certify("Zegel top", top, f.pki.SEAL, starts=x.NOW - f.YEAR)))
    fine, gone = (
        f.pki.revocation_list(top, taken, starts=x.NOW - f.DAY, ends=x.NOW + f.DAY) for taken in ([], [(below, x.NOW - f.DAY / 2)])
    )
    assert "other_revocation" not in reasons(judged(f.with_proofs(pdf, [fine, who.revocation_list()]), trust))
    assert reasons(judged(f.with_proofs(pdf, [gone, who.revocation_list()]), trust))["other_revocation"] == "authority_revoked"


def test_a_file_of_our_own_is_not_for_the_general_check() -> None:
    assert check_other_seal(x.good_document(), trust=x.trust(), at=x.NOW) is None


def test_a_file_of_our_form_without_our_data_stays_red() -> None:
    bare = x.sealed(x.typeset(x.letter(x.content()), []))
    assert isinstance(check_document(bare, trust=x.trust(), at=x.NOW, catalogue=x.catalogue()), Rejected)


def test_a_file_without_a_signature_is_not_for_the_general_check() -> None:
    assert check_other_seal(f.letter(), trust=x.trust(), at=x.NOW) is None


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"brief"])
def test_what_cannot_be_read_is_not_for_the_general_check(pdf: bytes) -> None:
    assert check_other_seal(pdf, trust=x.trust(), at=x.NOW) is None


def test_a_description_that_cannot_be_unpacked_leaves_the_file_red() -> None:
    entries = dictionary({"Type": Name("Metadata"), "Subtype": Name("XML"), "Filter": Name("LZWDecode")})
    odd = appended(f.sealed(plain_letter(), WHO), {500: Stream(entries, b"x")})
    assert check_other_seal(odd, trust=f.trust_in(WHO), at=x.NOW) is None
    assert isinstance(check_document(odd, trust=f.trust_in(WHO), at=x.NOW, catalogue=x.catalogue()), Rejected)


def test_without_pyhanko_the_answer_says_so() -> None:
    def missing(*given: object) -> NoReturn:
        raise JudgeMissing("not here")

    found = check_other_seal(whole(), trust=f.trust_in(WHO), at=x.NOW, judge=missing)
    assert found is not None
    assert reasons(found) == {"other_seal": "other_judge_missing"}
    assert isinstance(found, Undecided)


def test_a_form_that_is_drawn_by_the_program_is_refused() -> None:
    def late(pdf: Pdf) -> None:
        pdf.Root.AcroForm = Dictionary(Fields=[], NeedAppearances=True)

    with pytest.raises(MalformedPdf) as refusal:
        require_quiet_content(read_foreign_file(prepared(late)))
    assert refusal.value.code == "form_content"


# What is told of it


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_words_keep_whole_and_known_apart(language: str) -> None:
    known, unknown = explain(judged(whole()), language), explain(judged(whole(), x.trust()), language)
    assert "Proef" in known.title
    assert "Proef" not in unknown.title
    assert known.summary == unknown.summary
    assert known.sealed_by != unknown.sealed_by


def test_a_known_source_leads_to_the_one_next_step() -> None:
    ((_, remedy),) = explain(judged(whole()), "nl").reasons
    assert remedy == "Vraag de bron om een Blauwe Knop-document."


def test_an_unknown_source_leads_to_it_too_and_is_told_once() -> None:
    assert [reason for reason, _ in explain(judged(whole(), x.trust()), "nl").reasons] == [
        "Wij kennen de organisatie niet die dit bestand heeft verzegeld."
    ]


def test_the_report_says_of_which_kind_the_file_is() -> None:
    said = report_json("brief.pdf", judged(whole()))
    assert said["kind"] == "other_seal"
    assert said["otherSeal"] == {"intact": True, "sealedBy": "Proef", "knownThrough": "trust_list"}
    assert said["verdict"] == "orange"


def test_the_seal_of_another_has_no_level_of_ours() -> None:
    assert seal_level(judged(whole())) is None
    assert "B-T" not in report_text("brief.pdf", judged(whole()), "nl")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_step_is_explained(language: str) -> None:
    for found in (judged(whole()), judged(whole(), x.trust()), judged(f.sealed(f.letter(), WHO))):
        steps = explain_steps(found, language)
        assert [step.id for step in steps] == list(STEP_IDS[CheckedKind.OTHER_SEAL])
        assert all(step.looked and step.found for step in steps)
        assert len(limits_of(found, language)) == 2


def test_every_step_has_its_words() -> None:
    for step in STEP_IDS[CheckedKind.OTHER_SEAL]:
        assert {f"check.step.{step}", f"explain.{step}.looked", f"explain.{step}.ok"} <= all_texts().keys()


def test_the_verdict_travels_between_processes() -> None:
    found = judged(whole())
    assert verdict_from_bytes(verdict_to_bytes(found)) == found


# Known through a European list


QUALIFIED = f.stranger("Gekwalificeerd", organisation="Uitvoeringsorganisatie", qualified=True)


def european(*services: e.Service, until: datetime = x.NOW + timedelta(days=9)) -> Trust:
    data = e.written(*services, next_update=until)
    listed = read_eu_trusted_list(data, pinned=[e.scheme_signer().certificate], at=x.NOW)
    return Trust(x.trust_list(), eu_lists=(listed,))


def of_qualified(**how: object) -> e.Service:
    return e.Service([QUALIFIED.authority.der], **how)  # type: ignore[arg-type] # the fields of a service


@functools.cache
def qualified_letter() -> bytes:
    return f.sealed(f.letter(), QUALIFIED, crls=[QUALIFIED.revocation_list()])


def test_a_seal_of_a_service_on_a_european_list_is_known_through_it() -> None:
    found = judged(qualified_letter(), european(of_qualified()))
    assert reasons(found) == {"other_kind": "other_seal"}
    assert found.facts.other_seal == OtherSeal(intact=True, known_through="eu_trusted_list")
    assert isinstance(found, Undecided)
    assert "Uitvoeringsorganisatie" in explain(found, "nl").title


def test_the_european_lists_travel_between_processes() -> None:
    trust = european(of_qualified())
    assert trust_from_bytes(trust_to_bytes(trust)).eu_lists == trust.eu_lists


@pytest.mark.parametrize(
    "service",
    [
        of_qualified(status=e.WITHDRAWN),
        of_qualified(uses=()),
        of_qualified(since=x.NOW + timedelta(days=1)),
        of_qualified(kind=e.QTST),
        of_qualified(critical="Onbekend"),
        e.Service([WHO.authority.der]),
    ],
)
def test_a_service_that_is_not_recognised_for_seals_knows_nobody(service: e.Service) -> None:
    assert reasons(judged(qualified_letter(), european(service)))["other_chain"] == "other_seal_unknown"


def test_a_european_list_that_ran_out_knows_nobody() -> None:
    assert reasons(judged(qualified_letter(), european(of_qualified(), until=x.NOW - timedelta(hours=1))))["other_chain"] == (
        "other_seal_unknown"
    )


def test_a_certificate_that_is_not_for_seals_is_no_organisation() -> None:
    found = judged(whole(), european(e.Service([WHO.authority.der])))
    assert reasons(found)["other_chain"] == "other_seal_unknown"


def test_a_time_stamp_of_a_service_on_a_european_list_says_when() -> None:
    stamping = e.Service([x.exercise().time_stamp.certificate], kind=e.QTST, uses=())
    pdf = f.sealed(f.letter(), QUALIFIED, crls=[QUALIFIED.revocation_list()], stamped=True)
    only = replace(european(of_qualified(), stamping), trust_list=None, problem="no_trust_list")
    assert judged(pdf, only).facts.best_signature_time == x.ISSUED


def test_time_stamps_of_both_kinds_of_lists_count_beside_each_other() -> None:
    stranger = f.pki.certify("Tijd van een ander", None, f.pki.STAMPING, starts=x.NOW - f.YEAR)
    stamping = e.Service([stranger.der], kind=e.QTST, uses=(), since=x.NOW - timedelta(days=9))
    pdf = f.sealed(f.letter(), QUALIFIED, crls=[QUALIFIED.revocation_list()], stamp=x.time_stamps(x.ISSUED, stranger.signer()))
    assert judged(pdf, european(of_qualified(), stamping)).facts.best_signature_time == x.ISSUED


def test_a_time_stamp_of_before_its_service_was_recognised_says_nothing() -> None:
    stamping = e.Service([x.exercise().time_stamp.certificate], kind=e.QTST, uses=(), since=x.NOW - timedelta(minutes=5))
    pdf = f.sealed(f.letter(), QUALIFIED, crls=[QUALIFIED.revocation_list()], stamped=True)
    only = replace(european(of_qualified(), stamping), trust_list=None, problem="no_trust_list")
    assert judged(pdf, only).facts.best_signature_time is None
