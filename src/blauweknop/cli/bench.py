"""`blauweknop bench`: what a document, a credential and a check cost, beside the goals we set and beside what one would use today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from rich.console import Console

from blauweknop.adapters.sandbox import check_in_child
from blauweknop.catalogue import Catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.check_document import check_document
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.checking.trust import Trust
from blauweknop.cli.bench_credentials import DISCLOSURES, CredentialExercise, status_look_ups_per_second
from blauweknop.cli.bench_exercise import FEWER_MONTHS, BenchExercise, Order, bench_exercise
from blauweknop.cli.bench_mdocs import MdocExercise
from blauweknop.cli.bench_measuring import Effort, Pipeline, measure
from blauweknop.cli.bench_present import PresentEffort, measure_presentations
from blauweknop.cli.bench_processes import memory_with_shapes, two_beside_one
from blauweknop.cli.bench_report import Figure, Report, print_report, report_console, this_machine
from blauweknop.cli.bench_rival_credentials import pymdoccbor_issuing, pymdoccbor_verifying, sd_jwt_issuing, sd_jwt_verifying
from blauweknop.cli.bench_rivals import pyhanko_judge, pyhanko_sealer, unsealed_by_typst, unsealed_by_weasyprint
from blauweknop.cli.bench_wallets import WalletEffort, measure_wallets
from blauweknop.cli.bench_works import data_only, floor_of, floor_of_check, floor_with_credential, smaller, to_make_smaller
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import pages
from blauweknop.document.redaction import TrustedInput
from blauweknop.document.shapes.cache import Shapes
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.verdict import Verdict, Verified

__all__ = ["BenchmarkFailed", "Plan", "bench_checking", "bench_issuing", "bench_presenting", "bench_sealing", "require_good"]

_NO_CREDENTIAL_NO_TIME_STAMP = frozenset({"credential_missing", "time_stamp_missing"})
Given = TypeVar("Given")


class Check(Protocol):
    """One of the ways to check a document."""

    def __call__(self, pdf: bytes, /, *, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict: ...


class BenchmarkFailed(BlauweKnopError):
    """What was measured did not do its work, so its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds and batches, shapes to hold, documents for each of two processes, status look-ups, and
    wallets."""

    effort: Effort
    shapes: int
    at_once: tuple[int, int]
    look_ups: int
    wallets: WalletEffort
    presentations: PresentEffort

    @classmethod
    def full(cls, rounds: int) -> "Plan":
        """A few minutes with forty rounds; batches are small, so that what is known of a person is still near the processor."""
        return cls(
            Effort(rounds, 0.02, 20),
            50,
            (7, 800),
            200_000,
            WalletEffort(max(1, rounds // 8), 200, 4, 2000),
            PresentEffort(max(1, rounds // 8), 500, 4),
        )

    @classmethod
    def quick(cls) -> "Plan":
        """Whether everything works; its figures mean little."""
        return cls(Effort(1, 0.002, 2), 2, (1, 5), 1000, WalletEffort(1, 4, 1, 3), PresentEffort(1, 4, 1))


def bench_sealing(plan: Plan, *, as_json: bool = False) -> int:
    """Print what it costs to make documents, each by every pipeline; the exit code is 0, also when a goal is missed.

    Raises:
        BenchmarkFailed: a document that was made is not found good.
    """
    console, machine = report_console(as_json), this_machine()
    with bench_exercise() as exercise, bench_exercise("RSA-3072") as with_rsa:
        example = _good_document(exercise)
        shapes = Shapes(exercise.certifier.typesetter, seen_before=0)
        smaller_ones = _smaller(exercise, shapes)
        pipelines = _pipelines_of_sealing(exercise, with_rsa, shapes, console)
        costs = measure(pipelines, plan.effort) + measure([smaller_ones], plan.effort)
        authority = exercise.authority.seconds / exercise.authority.answers
        document = _counts(exercise, example)
    median = {cost.name: cost.median for cost in costs}
    figures = [
        Figure("distance", median["data_only"] / median["floor_rest"], 10),
        Figure("distance_shape", median["shape"] / median["floor_credential"]),
        Figure("time_stamp_answer", authority * 1_000_000),
        *_figures_of_processes(plan),
    ]
    report = Report("seal", machine, costs, figures, {"document": document})
    print_report(report, console, as_json=as_json)
    return 0


def _pipelines_of_sealing(exercise: BenchExercise, with_rsa: BenchExercise, shapes: Shapes, console: Console) -> list[Pipeline[Order]]:
    make_data_only = data_only(exercise, shapes)
    _require_good_but_for(exercise, make_data_only(exercise.order(FEWER_MONTHS)), _NO_CREDENTIAL_NO_TIME_STAMP)
    floor = floor_of(exercise, shapes, exercise.order(FEWER_MONTHS))

    def few() -> Order:
        return exercise.order(FEWER_MONTHS)

    def pipeline(name: str, work: Callable[[Order], bytes], maker: BenchExercise = exercise, goal: float | None = None) -> Pipeline[Order]:
        return Pipeline(name, maker.order, work, goal=goal, elsewhere=lambda: maker.authority.seconds)

    truth = exercise.typesetting_each()
    unsealed = unsealed_by_typst(exercise)
    return [
        Pipeline("data_only", few, make_data_only, goal=4000),
        pipeline("shape", lambda order: exercise.make(order).pdf, goal=2000),
        pipeline("shape_rsa", lambda order: with_rsa.make(order).pdf, with_rsa),
        pipeline("truth", lambda order: truth.make(order).pdf),
        pipeline("typst", unsealed),
        *_available("pyHanko", console, lambda: [pipeline("typst_pyhanko", _joined(unsealed, pyhanko_sealer(exercise)))]),
        *_available("WeasyPrint", console, lambda: [pipeline("weasyprint_pyhanko", _weasyprint_and_pyhanko(exercise))]),
        Pipeline("floor_all", few, floor.all_hashed),
        Pipeline("floor_rest", few, floor.rest_hashed),
        Pipeline("floor_credential", exercise.order, floor_with_credential(exercise, shapes, exercise.order())),
    ]


def bench_checking(plan: Plan, *, as_json: bool = False) -> int:
    """Print what it costs to check documents, each by every pipeline; the exit code is 0, also when a goal is missed.

    Raises:
        BenchmarkFailed: a check does not find a good document good.
    """
    console, machine = report_console(as_json), this_machine()
    with bench_exercise() as exercise:
        example = _good_document(exercise)
        truth = exercise.typesetting_each()

        def of_shape() -> bytes:
            return exercise.make(exercise.order()).pdf

        def typeset() -> bytes:
            return truth.make(exercise.order()).pdf

        pipelines = [
            Pipeline("known", of_shape, partial(require_good, exercise, check=KnownShapes().check), goal=3000),
            Pipeline("check", of_shape, partial(require_good, exercise)),
            Pipeline("child", of_shape, partial(require_good, exercise, check=check_in_child), limit=0.150),
            Pipeline("child_typeset", typeset, partial(require_good, exercise, check=check_in_child), limit=0.150),
            *_available("pyHanko", console, lambda: [Pipeline("pyhanko", of_shape, _judged_by_pyhanko(exercise))]),
            Pipeline("floor_check", of_shape, floor_of_check(exercise)),
        ]
        credentials = CredentialExercise.on(exercise)
        costs = measure(pipelines, plan.effort) + measure(_pipelines_of_verifying(credentials, console), plan.effort)
        costs += measure(_pipelines_of_verifying_mdocs(MdocExercise.on(exercise), console), plan.effort)
        document = _counts(exercise, example)
        look_ups = status_look_ups_per_second(credentials.published(), plan.look_ups)
    median = {cost.name: cost.median for cost in costs}
    figures = [
        Figure("distance_check", median["known"] / median["floor_check"]),
        Figure("look_ups", look_ups, 20_000, at_least=True),
    ]
    subjects = {"document": document, "credential": {"disclosures": DISCLOSURES}}
    print_report(Report("verify", machine, costs, figures, subjects), console, as_json=as_json)
    return 0


def _pipelines_of_verifying(credentials: CredentialExercise, console: Console) -> list[Pipeline[str]]:
    return [
        Pipeline("verify_sd_jwt", credentials.sd_jwt, credentials.verify_sd_jwt, limit=0.000_2),
        *_available("sd-jwt", console, lambda: [sd_jwt_verifying()]),
    ]


def _pipelines_of_verifying_mdocs(mdocs: MdocExercise, console: Console) -> list[Pipeline[bytes]]:
    return [
        Pipeline("verify_mdoc", mdocs.issued, mdocs.verify),
        *_available("pymdoccbor", console, lambda: [pymdoccbor_verifying()]),
    ]


def bench_issuing(plan: Plan, *, as_json: bool = False) -> int:
    """Print what it costs to issue credentials, to publish their status, to serve wallets; the exit code is 0, also when a goal is missed.

    Raises:
        BenchmarkFailed, WalletsFailed, ClientsFailed, ServerFailed: a credential that was issued is not found good, or was not issued.
    """
    console, machine = report_console(as_json), this_machine()
    with bench_exercise() as exercise:
        credentials = CredentialExercise.on(exercise)
        credentials.verify_sd_jwt(credentials.sd_jwt())
        mdocs = MdocExercise.on(exercise)
        mdocs.verify(mdocs.issued())
        lists = [Pipeline("status_list", credentials.changes, credentials.publish, limit=0.020)]
        costs = measure(_pipelines_of_issuing(credentials, console), plan.effort)
        costs += measure([Pipeline("issue_mdoc", mdocs.order, mdocs.issue, limit=0.000_25)], plan.effort)
        costs += measure(_available("pymdoccbor", console, lambda: [pymdoccbor_issuing()]), plan.effort)
        costs += measure(lists, plan.effort)
    wallets = measure_wallets(plan.wallets)
    subjects = {"credential": {"disclosures": DISCLOSURES}, "wallet_flow": wallets.subject}
    print_report(Report("issue", machine, costs, wallets.figures, subjects), console, as_json=as_json)
    return 0


def bench_presenting(plan: Plan, *, as_json: bool = False) -> int:
    """Print what it costs a receiver to be answered; the exit code is 0, also when a goal is missed.

    Raises:
        PresentationsFailed, ClientsFailed, ServerFailed: what was presented is not kept, or not found good.
    """
    console, machine = report_console(as_json), this_machine()
    measured = measure_presentations(plan.presentations)
    print_report(Report("present", machine, (), measured.figures, {"presentation": measured.subject}), console, as_json=as_json)
    return 0


def _pipelines_of_issuing(credentials: CredentialExercise, console: Console) -> list[Pipeline[Mapping[str, JsonValue]]]:
    return [
        Pipeline("issue_sd_jwt", credentials.claims, credentials.issue_sd_jwt, limit=0.000_12),
        *_available("sd-jwt", console, lambda: [sd_jwt_issuing()]),
    ]


def require_good(exercise: BenchExercise, pdf: bytes, *, check: Check = check_document) -> None:
    """Check the example.

    Raises:
        BenchmarkFailed: it is not found good.
    """
    verdict = check(pdf, trust=exercise.trust, at=datetime.now(UTC), catalogue=exercise.catalogue)
    if not isinstance(verdict, Verified):
        raise BenchmarkFailed(f"the check does not find the example good: {', '.join(sorted(_reasons(verdict)))}")


def _require_good_but_for(exercise: BenchExercise, pdf: bytes, expected: frozenset[str]) -> None:
    verdict = check_document(pdf, trust=exercise.trust, at=datetime.now(UTC), catalogue=exercise.catalogue)
    if _reasons(verdict) != expected:
        raise BenchmarkFailed(f"the check says something else of the example with data only: {', '.join(sorted(_reasons(verdict)))}")


def _reasons(verdict: Verdict) -> set[str]:
    return {step.reason for step in verdict.facts.steps if step.reason != "ok"}


def _good_document(exercise: BenchExercise) -> bytes:
    """By a compiled shape: the third letter of its kind."""
    made = [exercise.make(exercise.order()) for _ in range(3)][-1]
    if not made.by_shape:
        raise BenchmarkFailed("expected a document by a compiled shape")
    require_good(exercise, made.pdf)
    return made.pdf


def _smaller(exercise: BenchExercise, shapes: Shapes) -> Pipeline[TrustedInput]:
    work = smaller(exercise, shapes)

    def fresh() -> TrustedInput:
        return to_make_smaller(exercise, exercise.order())

    require_good(exercise, work(fresh()))
    return Pipeline("redact", fresh, work, goal=500)


def _figures_of_processes(plan: Plan) -> list[Figure]:
    ratios = two_beside_one(*plan.at_once)
    return [
        Figure("two_processes", ratios["make"].clock, 1.9, at_least=True),
        Figure("two_floors", ratios["floor"].clock),
        Figure("two_processes_cpu", ratios["make"].cpu),
        Figure("memory", memory_with_shapes(plan.shapes), 150, count=plan.shapes),
    ]


def _joined(unsealed: Callable[[Order], bytes], seal: Callable[[bytes], bytes]) -> Callable[[Order], bytes]:
    return lambda order: seal(unsealed(order))


def _weasyprint_and_pyhanko(exercise: BenchExercise) -> Callable[[Order], bytes]:
    return _joined(unsealed_by_weasyprint(exercise), pyhanko_sealer(exercise))


def _judged_by_pyhanko(exercise: BenchExercise) -> Callable[[bytes], None]:
    judge = pyhanko_judge(exercise)

    def work(pdf: bytes) -> None:
        if not judge(pdf, datetime.now(UTC)):
            raise BenchmarkFailed("pyHanko does not call the seal of the example good")

    return work


def _available(program: str, console: Console, build: Callable[[], list[Pipeline[Given]]]) -> list[Pipeline[Given]]:
    """A rival is optional; one that is not here is named with what installs it. A missing system library is an OSError."""
    try:
        return build()
    except (ImportError, OSError):
        console.print(sentence("bench.missing", "en", program=program))
        return []


def _counts(exercise: BenchExercise, example: bytes) -> dict[str, int]:
    disclosures = to_make_smaller(exercise, exercise.order()).credential.count("~") - 1
    return {"pages": len(pages(read_file(example))), "disclosures": disclosures}
