import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url, jose
from blauweknop.standards.concealing import conceal
from blauweknop.standards.disclosures import Place, SdJwtProblem, resolve
from blauweknop.standards.sd_jwt_receiving import hash_of_presented
from blauweknop.standards.sd_jwt_vc import IssuerTrust, VerifiedSdJwt, bind, disclose, issue, verify_bound, verify_unbound
from blauweknop.standards.signing import key_signer
from blauweknop.standards.strict_json import canonical_json
from tests.unit.standards.pki import MESSAGES, NOW, SEAL, Issued, certify, p256, revocation_list

SECONDS = int(NOW.timestamp())
VCT = "https://register.example/vct/proef/1"
ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
ISSUER = certify("bron", MIDDLE, MESSAGES)
HOLDER = key_signer(_HOLDER_KEY := p256(), b"")
TRUST = IssuerTrust((ROOT.certificate,), lambda certificate, vct: certificate == ISSUER.certificate and vct == VCT)
STATUS: JsonValue = {"status_list": {"idx": 1, "uri": "https://bron.example/statuslists/1"}}
CLAIMS: dict[str, JsonValue] = {
    "subject": {"given_name": "Noor", "birth_date": {"jaar": 1985}},
    "data": {"total": 5, "payments": [{"amount": 1}, {"amount": 2}, {"amount": 3}]},
    "status": STATUS,
}


def salts() -> Callable[[int], bytes]:
    return Random(7).randbytes


def everything(_: Place) -> bool:
    return True


def issued(**changes: object) -> str:
    given_arguments = {
        "disclosable": everything,
        "signer": ISSUER.signer(MIDDLE),
        "vct": VCT,
        "issuer": "https://bron.example",
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=90),
        "random_bytes": salts(),
    }
    claims = changes.pop("claims", CLAIMS)
    return issue(claims, **(given_arguments | changes))  # type: ignore[arg-type] # the names are those of the parameters


def crafted(payload: dict[str, JsonValue], *disclosures: str, signer: Issued = ISSUER, header: dict[str, JsonValue] | None = None) -> str:
    """An SD-JWT with any payload, signed right."""
    now = int(NOW.timestamp())
    whole: dict[str, JsonValue] = {"vct": VCT, "iat": now, "exp": now + 3600}
    whole |= payload
    return "~".join((jose.sign_jws(whole, signer.signer(MIDDLE), jose.SD_JWT_VC, header=header), *disclosures, ""))


def disclosure(*parts: JsonValue) -> tuple[str, str]:
    text = base64url.encode(canonical_json(list(parts)))
    return text, base64url.encode(hashlib.sha256(text.encode()).digest())


def verify(text: str, *, trust: IssuerTrust = TRUST, at: datetime = NOW) -> VerifiedSdJwt:
    return verify_unbound(text, trust=trust, vct_values=[VCT], at=at)


def code_of(text: str, *, trust: IssuerTrust = TRUST, at: datetime = NOW) -> str:
    with pytest.raises(SdJwtProblem) as caught:
        verify(text, trust=trust, at=at)
    return caught.value.code


def test_all_claims_come_back() -> None:
    verified = verify(issued())
    assert {name: verified.claims[name] for name in CLAIMS} == CLAIMS
    assert verified.path[0] == ISSUER.certificate
    assert (verified.issued_at, verified.expires_at) == (NOW, NOW + timedelta(days=90))


def test_nothing_personal_is_left_in_the_message_itself() -> None:
    assert b"Noor" not in base64url.decode(issued().split(".")[1])


def test_status_and_validity_are_always_visible() -> None:
    claims = verify(disclose(issued(), lambda _: False)).claims
    assert claims == {
        "status": STATUS,
        "vct": VCT,
        "iss": "https://bron.example",
        "iat": int(NOW.timestamp()),
        "nbf": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(days=90)).timestamp()),
    }


def test_what_is_kept_brings_what_holds_it_and_nothing_beside_it() -> None:
    smaller = disclose(issued(), lambda place: place == ("data", "payments", 1, "amount"))
    assert verify(smaller).claims["data"] == {"payments": [{"amount": 2}]}
    assert "subject" not in verify(smaller).claims


def test_elements_keep_their_number_when_others_are_left_out() -> None:
    once = disclose(issued(), lambda place: place[:1] == ("data",) and place[2:3] != (0,))
    twice = disclose(once, lambda place: place[2:3] == (2,))
    assert verify(twice).claims["data"] == {"payments": [{"amount": 3}]}


def test_the_signature_holds_for_every_smaller_form() -> None:
    whole = issued()
    for name in ("subject", "data"):
        assert verify(disclose(whole, lambda place, name=name: place[0] == name)).claims[name] == CLAIMS[name]  # type: ignore[misc] # default binds the loop


def test_places_say_what_was_disclosed() -> None:
    places = verify(disclose(issued(), lambda place: place == ("subject", "given_name"))).disclosed
    assert set(places) == {("subject",), ("subject", "given_name")}


def test_only_chosen_places_are_disclosures() -> None:
    text = issued(disclosable=lambda place: place == ("data", "total"))
    assert text.count("~") == 2
    assert verify(text).claims["data"] == CLAIMS["data"]


def test_digests_are_sorted_and_filled_up_with_decoys() -> None:
    payload, texts = conceal(dict(CLAIMS), disclosable=lambda place: len(place) == 1, random_bytes=salts(), decoys=True)
    digests = payload["_sd"]
    assert isinstance(digests, list)
    assert (len(digests), len(texts)) == (8, 3)
    assert digests == sorted(map(str, digests))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), JSON, max_size=4), st.randoms(use_true_random=False))
def test_any_document_comes_back_whatever_is_disclosable(claims: dict[str, JsonValue], chance: object) -> None:
    def sometimes(_: Place) -> bool:
        return bool(chance.random() < 0.5)  # type: ignore[attr-defined] # hypothesis gives a Random

    payload, texts = conceal(claims, disclosable=sometimes, random_bytes=salts(), decoys=False)
    assert resolve(payload, texts, ()).claims == claims


@pytest.mark.parametrize("name", ["iss", "iat", "nbf", "exp", "cnf", "vct", "_sd", "_sd_alg", "..."])
def test_claims_that_the_format_sets_itself_are_not_issued(name: str) -> None:
    with pytest.raises(SdJwtProblem) as caught:
        issued(claims={name: 1})
    assert caught.value.code == "claim_name"


A, A_DIGEST = disclosure("zout", "a", 1)
ELEMENT, ELEMENT_DIGEST = disclosure("zout", 1)
LIST, LIST_DIGEST = disclosure("zout", "b", [{"...": ELEMENT_DIGEST}])


def hidden(*parts: JsonValue) -> str:
    text, digest = disclosure(*parts)
    return crafted({"_sd": [digest]}, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("a" * (jose.MAX_JWS + 1), "size", id="too large"),
        pytest.param(crafted({}) + "~" * 501, "size", id="too many disclosures"),
        pytest.param("geen~", "format", id="no message"),
        pytest.param("e30.e30.e30", "format", id="no last part"),
        pytest.param("é~", "format", id="no ascii"),
        pytest.param(crafted({}) + "e30.e30.e30", "format", id="key binding that was not asked for"),
        pytest.param(crafted({}, "!"), "format", id="disclosure that is no base64url"),
        pytest.param(crafted({}, base64url.encode(b'{"a":1,"a":2}')), "format", id="disclosure with a name twice"),
        pytest.param(crafted({"_sd": "x"}), "format", id="digests that are text"),
        pytest.param(crafted({"_sd": [1]}), "format", id="digest that is a number"),
        pytest.param(crafted({"exp": "morgen"}), "format", id="moment as text"),
        pytest.param(crafted({"exp": 2**52}), "format", id="moment beyond the calendar"),
        pytest.param(crafted({}, base64url.encode(b"{}")), "disclosure_shape", id="disclosure that is an object"),
        pytest.param(crafted({}, base64url.encode(b"[1,2,3]")), "disclosure_shape", id="salt that is a number"),
        pytest.param(crafted({}, base64url.encode(b'["a","b","c","d"]')), "disclosure_shape", id="disclosure of four"),
        pytest.param(hidden("zout", 1), "disclosure_shape", id="element in an object"),
        pytest.param(hidden("zout", 1, 1), "disclosure_shape", id="name that is a number"),
        pytest.param(crafted({"list": [{"...": A_DIGEST}]}, A), "disclosure_shape", id="member in a list"),
        pytest.param(crafted({"_sd": [A_DIGEST]}, A, A), "disclosure_duplicate", id="disclosure twice"),
        pytest.param(crafted({"_sd": [A_DIGEST, A_DIGEST]}, A), "digest_duplicate", id="digest twice"),
        pytest.param(crafted({"_sd": [A_DIGEST], "deep": {"_sd": [A_DIGEST]}}, A), "digest_duplicate", id="digest twice, deeper"),
        pytest.param(crafted({"_sd": ["x", "x"]}), "digest_duplicate", id="unknown digest twice"),
        pytest.param(
            crafted({"_sd": [A_DIGEST], "list": [{"...": A_DIGEST}]}, A), "digest_duplicate", id="digest of a member and in a list"
        ),
        pytest.param(crafted({}, A), "disclosure_unreferenced", id="disclosure without digest"),
        pytest.param(crafted({"_sd": [LIST_DIGEST]}, ELEMENT), "disclosure_unreferenced", id="inner disclosure without the outer"),
        pytest.param(crafted({"_sd": [A_DIGEST], "a": 2}, A), "claim_collision", id="claim that is there already"),
        pytest.param(hidden("zout", "_sd", []), "claim_name", id="name _sd"),
        pytest.param(hidden("zout", "...", 1), "claim_name", id="name ..."),
        pytest.param(crafted({"x": {"...": "y", "z": 1}}), "claim_name", id="element digest in an object"),
        pytest.param(hidden("zout", "exp", 1), "never_sd", id="exp"),
        pytest.param(hidden("zout", "status", {}), "never_sd", id="status"),
        pytest.param(hidden("zout", "_sd_alg", "md5"), "never_sd", id="_sd_alg"),
        pytest.param(crafted({"status": {"_sd": [A_DIGEST]}}, A), "never_sd", id="part of status"),
        pytest.param(crafted({"aka_vcts": [{"...": "x"}]}), "never_sd", id="element of aka_vcts"),
        pytest.param(crafted({"_sd_alg": "md5"}), "sd_alg", id="weak digest"),
        pytest.param(crafted({"vct": "https://register.example/vct/ander/1"}), "issuer_not_entitled", id="type of another issuer"),
        pytest.param(crafted({"vct": 1}), "vct", id="no type"),
        pytest.param(crafted({"exp": None}), "format", id="no moment"),
        pytest.param(crafted({"exp": int(NOW.timestamp()) - 61}), "expired", id="ended"),
        pytest.param(crafted({"nbf": int(NOW.timestamp()) + 61}), "not_yet_valid", id="not begun"),
        pytest.param(crafted({"iat": int(NOW.timestamp()) + 61}), "not_yet_valid", id="issued tomorrow"),
        pytest.param(crafted({"exp": int(NOW.timestamp()) + 2 * 86400}), "claim_missing", id="two days without status"),
        pytest.param(crafted({}, header={"alg": "none"}), "alg", id="alg none"),
        pytest.param(crafted({}, header={"typ": "JWT"}), "typ", id="another type of message"),
        pytest.param(crafted({}, header={"crit": ["x"]}), "crit", id="critical"),
        pytest.param(crafted({}, header={"x5c": []}), "x5c", id="no certificate"),
        pytest.param(crafted({}, header={"x5c": ["AAAA"]}), "x5c", id="broken certificate"),
        pytest.param(crafted({}, signer=certify("bron", None, MESSAGES)), "chain", id="certificate signed by itself"),
        pytest.param(crafted({}, signer=certify("bron", certify("uitgever"), MESSAGES)), "chain", id="another root"),
        pytest.param(crafted({}, signer=certify("bron", MIDDLE, SEAL)), "chain", id="certificate for seals"),
        pytest.param(crafted({}, signer=certify("bron", MIDDLE, MESSAGES)), "issuer_not_entitled", id="another issuer"),
    ],
)
def test_an_sd_jwt_that_breaks_a_rule_is_refused(text: str, code: str) -> None:
    assert code_of(text) == code


def test_a_moment_with_a_fraction_is_no_moment_of_ours() -> None:
    payload = f'{{"vct":"{VCT}","exp":{SECONDS}.5}}'.encode()
    assert code_of(jose.sign_jws(payload, ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~") == "format"


def test_a_changed_message_has_a_wrong_signature() -> None:
    message, rest = crafted({}).split("~", 1)
    header, _, signature = message.split(".")
    other = base64url.encode(b'{"vct":"x"}')
    assert code_of(f"{header}.{other}.{signature}~{rest}") == "signature"


def test_a_type_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(SdJwtProblem) as caught:
        verify_unbound(issued(), trust=TRUST, vct_values=["https://register.example/vct/ander/1"], at=NOW)
    assert caught.value.code == "vct"


def test_an_issuer_without_end_is_refused() -> None:
    text = jose.sign_jws({"vct": VCT}, ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~"
    assert code_of(text) == "claim_missing"


def test_disclosures_inside_disclosures_have_a_limit() -> None:
    text, digest = disclosure("zout", "a", 1)
    texts = [text]
    for _ in range(40):
        text, digest = disclosure("zout", "a", {"_sd": [digest]})
        texts.append(text)
    assert code_of(crafted({"_sd": [digest]}, *texts)) == "size"


def test_a_revoked_issuer_is_refused() -> None:
    gone = (revocation_list(MIDDLE, [(ISSUER, NOW - timedelta(hours=1))]), revocation_list(ROOT))
    trust = IssuerTrust(TRUST.anchors, TRUST.entitled, crls=gone)
    assert code_of(issued(), trust=trust) == "chain"


def test_a_silent_authority_leaves_it_undecided() -> None:
    assert code_of(issued(), trust=IssuerTrust(TRUST.anchors, TRUST.entitled, crls=())) == "revocation_unknown"


def test_fresh_lists_let_the_issuer_pass() -> None:
    fresh = (revocation_list(MIDDLE), revocation_list(ROOT))
    assert verify(issued(), trust=IssuerTrust(TRUST.anchors, TRUST.entitled, crls=fresh)).vct == VCT


def bound(**changes: object) -> str:
    chosen = {"audience": "ontvanger", "nonce": "eenmalig", "at": NOW} | changes
    return bind(issued(holder_key=_HOLDER_KEY.public_key()), HOLDER, **chosen)  # type: ignore[arg-type] # names as the parameters


def verify_presented(text: str) -> VerifiedSdJwt:
    return verify_bound(text, trust=TRUST, vct_values=[VCT], at=NOW, audience="ontvanger", nonce="eenmalig")


def test_a_presentation_of_the_holder_is_good() -> None:
    assert verify_presented(bound()).claims["data"] == CLAIMS["data"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(issued(holder_key=_HOLDER_KEY.public_key()), "kb_required", id="no key binding"),
        pytest.param(bind(issued(), HOLDER, audience="ontvanger", nonce="eenmalig", at=NOW), "cnf", id="no holder key"),
        pytest.param(bound(audience="ander"), "kb_aud", id="another receiver"),
        pytest.param(bound(nonce="ander"), "kb_nonce", id="another transaction"),
        pytest.param(bound(at=NOW - timedelta(seconds=301)), "kb_iat", id="too old"),
        pytest.param(bound(at=NOW + timedelta(seconds=61)), "kb_iat", id="from the future"),
        pytest.param(
            bind(issued(holder_key=p256().public_key()), HOLDER, audience="ontvanger", nonce="eenmalig", at=NOW),
            "kb_signature",
            id="another holder",
        ),
        pytest.param(
            issued(holder_key=_HOLDER_KEY.public_key()) + jose.sign_jws({}, HOLDER, jose.Purpose("JWT", "given")),
            "kb_typ",
            id="another type",
        ),
        pytest.param(
            issued(holder_key=_HOLDER_KEY.public_key()) + jose.sign_jws({}, HOLDER, jose.KEY_BINDING, header={"alg": "none"}),
            "kb_alg",
            id="alg none",
        ),
    ],
)
def test_a_presentation_that_breaks_a_rule_is_refused(text: str, code: str) -> None:
    with pytest.raises(SdJwtProblem) as caught:
        verify_presented(text)
    assert caught.value.code == code


def bound_with(**claims: JsonValue) -> str:
    text = issued(holder_key=_HOLDER_KEY.public_key())
    said: dict[str, JsonValue] = {"iat": SECONDS, "aud": "ontvanger", "nonce": "eenmalig", "sd_hash": hash_of_presented(text)}
    return text + jose.sign_jws(said | claims, HOLDER, jose.KEY_BINDING)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SECONDS - 61},
        {"nbf": SECONDS + 61},
        {"exp": "morgen"},
        {"nbf": None},
        {"iat": None},
        {"iat": str(SECONDS)},
        {"iat": True},
        {"iat": -1},
        {"iat": 2**52},
    ],
)
def test_a_key_binding_that_does_not_say_that_it_counts_now_is_refused(claims: dict[str, JsonValue]) -> None:
    with pytest.raises(SdJwtProblem) as caught:
        verify_presented(bound_with(**claims))
    assert caught.value.code == "kb_iat"


def test_a_key_binding_counts_to_the_last_second_of_what_it_says_itself() -> None:
    assert verify_presented(bound_with(nbf=SECONDS + 60, exp=SECONDS - 60)).vct == VCT


def test_a_key_binding_with_a_critical_extension_says_so() -> None:
    binding = jose.sign_jws({}, HOLDER, jose.KEY_BINDING, header={"crit": ["b64"]})
    with pytest.raises(SdJwtProblem) as caught:
        verify_presented(issued(holder_key=_HOLDER_KEY.public_key()) + binding)
    assert caught.value.code == "crit"


def test_a_disclosure_left_out_after_binding_is_seen() -> None:
    parts = bound().split("~")
    with pytest.raises(SdJwtProblem) as caught:
        verify_presented("~".join((parts[0], *parts[2:])))
    assert caught.value.code in {"kb_sd_hash", "disclosure_unreferenced"}


def test_a_credential_with_holder_key_does_not_travel_without_key_binding() -> None:
    assert code_of(issued(holder_key=_HOLDER_KEY.public_key())) == "kb_required"


def test_a_presentation_is_not_made_smaller() -> None:
    with pytest.raises(SdJwtProblem):
        disclose(bound(), everything)


@given(st.text(max_size=200))
def test_any_text_is_refused_with_one_error(text: str) -> None:
    with pytest.raises(SdJwtProblem):
        verify(text, at=datetime(2026, 1, 1, tzinfo=UTC))


DAY = 86400


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(crafted({"exp": SECONDS - 60}), id="ended a minute ago by our clock"),
        pytest.param(crafted({"nbf": SECONDS + 60}), id="begins within the minute that clocks differ"),
        pytest.param(crafted({"iat": SECONDS - DAY, "exp": SECONDS, "nbf": SECONDS - DAY}), id="a day without status"),
        pytest.param(crafted({"iat": 0, "nbf": SECONDS}), id="issued at the first moment there is"),
        pytest.param(crafted({"exp": 253402300799, "status": {"status_list": {}}}), id="ends at the last moment there is"),
    ],
)
def test_the_last_moment_that_is_allowed_is_allowed(text: str) -> None:
    assert verify(text).vct == VCT


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param({"iat": SECONDS - DAY, "exp": SECONDS + 1}, "claim_missing", id="a day and a second, counted from iat"),
        pytest.param(
            {"iat": SECONDS, "nbf": SECONDS - DAY, "exp": SECONDS + 1}, "claim_missing", id="a day and a second, counted from nbf"
        ),
        pytest.param({"exp": 253402300800}, "format", id="beyond the year 9999"),
        pytest.param({"iat": -1}, "format", id="before 1970"),
        pytest.param({"iat": True}, "format", id="a truth for a moment"),
    ],
)
def test_one_step_beyond_a_bound_of_time_is_refused(payload: dict[str, JsonValue], code: str) -> None:
    assert code_of(crafted(payload)) == code


def test_a_credential_that_does_not_say_when_it_began_needs_a_status() -> None:
    payload: dict[str, JsonValue] = {"vct": VCT, "exp": SECONDS + 60}
    assert code_of(jose.sign_jws(payload, ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~") == "claim_missing"
    assert verify(jose.sign_jws(payload | {"status": STATUS}, ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~").issued_at is None


@pytest.mark.parametrize("made", [NOW - timedelta(seconds=300), NOW + timedelta(seconds=60)])
def test_a_presentation_counts_to_the_last_second(made: datetime) -> None:
    assert verify_presented(bound(at=made)).vct == VCT


def many_disclosures(count: int) -> str:
    made = [disclosure("zout", f"a{number}", number) for number in range(count)]
    return crafted({"_sd": [digest for _, digest in made]}, *[text for text, _ in made])


def test_so_many_disclosures_and_no_more() -> None:
    assert len(verify(many_disclosures(500)).disclosed) == 500
    assert code_of(many_disclosures(501)) == "size"


def test_so_many_characters_and_no_more() -> None:
    assert code_of("x" * (jose.MAX_JWS + 1)) == "size"
    assert code_of("x" * jose.MAX_JWS) == "format"


def test_nothing_is_hidden_among_decoys_unless_asked() -> None:
    def payload(text: str) -> str:
        return text.split(".")[1]

    assert payload(issued()) == payload(issued(decoys=False))
    assert len(payload(issued(decoys=True))) > len(payload(issued()))


def test_what_is_made_smaller_is_an_sd_jwt() -> None:
    for text in ("geen bewijs~", jose.sign_jws(b"[]", ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~", bound()):
        with pytest.raises(SdJwtProblem) as caught:
            disclose(text, lambda _: True)
        assert caught.value.code == "format"


def test_a_signed_payload_that_is_no_object_is_refused() -> None:
    assert code_of(jose.sign_jws(b"[]", ISSUER.signer(MIDDLE), jose.SD_JWT_VC) + "~") == "format"


def test_elements_of_a_list_are_kept_by_their_place() -> None:
    kept = disclose(issued(), lambda place: place == ("data", "payments", 1))
    assert verify(kept).claims["data"] == {"payments": [{}]}
    assert len(verify(issued()).disclosed) == issued().count("~") - 1


def test_claims_have_so_many_levels_and_no_more() -> None:
    def nested(levels: int) -> str:
        text, digest = disclosure("zout", "a", 1)
        texts = [text]
        for _ in range(levels - 1):
            text, digest = disclosure("zout", "a", {"_sd": [digest]})
            texts.append(text)
        return crafted({"_sd": [digest]}, *texts)

    assert len(verify(nested(32)).disclosed) == 32
    assert code_of(nested(34)) == "size"


@pytest.mark.parametrize("binding", ["geen.handtekening.", "a.b", jose.sign_jws(b"[]", HOLDER, jose.KEY_BINDING)])
def test_a_key_binding_that_cannot_be_read_is_refused(binding: str) -> None:
    with pytest.raises(SdJwtProblem) as caught:
        verify_presented(issued(holder_key=_HOLDER_KEY.public_key()) + binding)
    assert caught.value.code == "format"
