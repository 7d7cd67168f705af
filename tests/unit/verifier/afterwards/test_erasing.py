from dataclasses import replace

import pytest
from sqlalchemy.engine import Engine

from blauweknop.adapters.database import StorageError
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_sharings import VerifierSharings
from blauweknop.standards import base64url
from blauweknop.standards.sharing_messages import SharingProblem
from blauweknop.standards.sharing_receipts import ErasureReason
from blauweknop.verifier.afterwards.erasing import erase_what_is_over
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal, withdraw_by_link
from tests.unit.standards import sharing as s
from tests.unit.verifier.afterwards.afterwards_world import AfterwardsWorld, Shared
from tests.unit.verifier.asking.asking_world import ROW_KEY

ONLY_THE_PROOF = {"verifier_sharings": 1}


def refused(world: AfterwardsWorld, text: str) -> str:
    with pytest.raises(SharingProblem) as caught:
        take_withdrawal(text, world.services())
    return caught.value.code


def test_a_withdrawal_leaves_the_signed_proof_and_nothing_else(world: AfterwardsWorld) -> None:
    shared = world.share()
    proof = take_withdrawal(world.withdrawal(shared), world.services())
    assert world.rows() == ONLY_THE_PROOF
    assert world.proved(proof, shared).reason is ErasureReason.WITHDRAWN


def test_the_end_of_the_retention_leaves_the_signed_proof_and_nothing_else(world: AfterwardsWorld) -> None:
    shared = world.share(days=30)
    world.later(days=30)
    assert erase_what_is_over(world.services(), world.now) == 1
    assert world.rows() == ONLY_THE_PROOF
    assert world.proved(take_withdrawal(world.withdrawal(shared), world.services()), shared).reason is ErasureReason.RETENTION


def test_what_is_not_over_stays(world: AfterwardsWorld) -> None:
    world.share(days=30)
    before = world.rows()
    world.later(days=29, hours=23)
    assert erase_what_is_over(world.services(), world.now) == 0
    assert world.rows() == before


def test_only_what_was_withdrawn_goes(world: AfterwardsWorld) -> None:
    first, second = world.share(), world.share()
    take_withdrawal(world.withdrawal(first), world.services())
    assert world.rows() == {
        "verifier_sharings": 2,
        "verifier_dossiers": 1,
        "verifier_dossier_items": 1,
        "verifier_requests": 1,
        "verifier_transactions": 1,
    }
    kept = world.services().sharings.of_receipt(second.receipt_id)
    assert kept is not None
    assert kept.proof is None


def test_a_withdrawal_that_comes_again_gets_the_first_proof(world: AfterwardsWorld) -> None:
    shared = world.share()
    first = take_withdrawal(world.withdrawal(shared), world.services())
    world.later(days=400)
    assert take_withdrawal(world.withdrawal(shared), world.services()) == first
    assert take_withdrawal(world.withdrawal(shared, key=s.OTHER_KEY), world.services()) == first


def test_of_two_proofs_the_first_stands(world: AfterwardsWorld) -> None:
    shared = world.share()
    sharings = world.services().sharings
    assert sharings.erase(shared.receipt_id, "eerste") == "eerste"
    assert sharings.erase(shared.receipt_id, "tweede") == "eerste"


def test_an_answer_that_still_waits_goes_with_its_withdrawal(world: AfterwardsWorld) -> None:
    shared = world.share(comes_back=False)
    take_withdrawal(world.withdrawal(shared), world.services())
    assert world.rows() == {"verifier_sharings": 1, "verifier_requests": 1}  # the question stays open: nobody answered it


def test_data_of_a_sharing_that_was_withdrawn_may_not_be_kept(world: AfterwardsWorld) -> None:
    shared = world.share(comes_back=False)
    sharings = world.services().sharings
    take_withdrawal(world.withdrawal(shared), world.services())
    assert not sharings.bind(shared.receipt_id, "00" * 16)
    assert not sharings.bind("z" * 43, "00" * 16)


def test_only_the_key_of_the_consent_withdraws(world: AfterwardsWorld) -> None:
    shared = world.share()
    assert refused(world, world.withdrawal(shared, key=s.OTHER_KEY)) == "withdrawal_signature"
    assert refused(world, world.withdrawal(shared, audience="x509_hash:ander")) == "withdrawal_audience"
    assert world.rows()["verifier_dossiers"] == 1


def test_a_receipt_of_nobody_is_not_withdrawn(world: AfterwardsWorld) -> None:
    unknown = Shared("z" * 43, "", "", None, "")
    assert refused(world, world.withdrawal(unknown)) == "withdrawal_receipt"
    assert refused(world, "geen bericht") == "withdrawal_malformed"


def test_another_receiver_withdraws_nothing_here(world: AfterwardsWorld) -> None:
    shared = world.share()
    other = AfterwardsWorld(world.engine, receiver="huur")
    assert refused(other, world.withdrawal(shared)) == "withdrawal_receipt"
    assert withdraw_by_link(shared.link, other.services()) is None
    other.later(days=60)
    assert erase_what_is_over(other.services(), other.now) == 0


def test_without_a_key_only_the_link_withdraws(world: AfterwardsWorld) -> None:
    shared = world.share(key=None)
    assert refused(world, world.withdrawal(shared)) == "withdrawal_signature"
    proof = withdraw_by_link(shared.link, world.services())
    assert proof is not None
    assert world.rows() == ONLY_THE_PROOF
    assert withdraw_by_link(shared.link, world.services()) == proof
    assert withdraw_by_link("z" * 43, world.services()) is None


def test_nothing_of_the_person_is_in_a_proof(world: AfterwardsWorld) -> None:
    shared = world.share()
    proof = take_withdrawal(world.withdrawal(shared), world.services())
    payload = base64url.decode(proof.split(".")[1])
    assert set(world.proved(proof, shared).__slots__) == {"issuer", "receipt_id", "erased_at", "reason", "kept"}
    assert not any(secret in payload for secret in (b"Berg", b"1234567", b"4711", s.RECORD.principal.encode()))


class Silent:
    """A storage that does not answer when data are to go."""

    def __init__(self, engine: Engine) -> None:
        self.real = VerifierSharings(engine, ROW_KEY, "schuldhulp")
        self.of_receipt, self.of_link, self.keep, self.bind, self.due, self.request_of, self.follow = (
            self.real.of_receipt,
            self.real.of_link,
            self.real.keep,
            self.real.bind,
            self.real.due,
            self.real.request_of,
            self.real.follow,
        )

    def erase(self, receipt_id: str, proof: str) -> str:
        raise StorageError("no answer")


def test_what_was_not_erased_is_not_proved(world: AfterwardsWorld) -> None:
    shared = world.share()
    before = world.rows()
    with pytest.raises(StorageError):
        take_withdrawal(world.withdrawal(shared), replace(world.services(), sharings=Silent(world.engine)))
    assert world.rows() == before
    kept = world.services().sharings.of_receipt(shared.receipt_id)
    assert kept is not None
    assert kept.proof is None


def test_more_than_one_round_erases_all_that_is_over(world: AfterwardsWorld) -> None:
    for _ in range(3):
        world.share(comes_back=False, days=1)
    world.later(days=2)
    assert [erase_what_is_over(world.services(), world.now, most=2) for _ in range(3)] == [2, 1, 0]


def test_what_is_over_goes_without_a_proof_when_the_key_of_the_storage_is_lost(world: AfterwardsWorld) -> None:
    world.share(days=1)
    world.share(days=3)
    world.later(days=2)
    lost = VerifierSharings(world.engine, RowKey.from_secret(bytes(32)), "schuldhulp")
    assert erase_what_is_over(replace(world.services(), sharings=lost), world.now) == 0
    assert world.rows()["verifier_dossiers"] == world.rows()["verifier_sharings"] == 1
