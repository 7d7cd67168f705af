"""Made-up people who work at the receivers of the exercise. What their organisation calls a role is not what we call it."""

from blauweknop.catalogue.texts import text
from blauweknop.demo.digid_provider import ExercisePerson
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS

__all__ = ["STAFF_GROUPS", "client_of", "exercise_staff"]

STAFF_GROUPS = {"oefen-medewerkers": "medewerker", "oefen-beheerders": "beheerder", "oefen-controleurs": "controleur"}
"""What the exercise login says of a role, and the role."""

_PEOPLE = (
    ("sanne", "Sanne Oefening", "worker", ["oefen-medewerkers"]),
    ("youssef", "Youssef Oefening", "worker", ["oefen-medewerkers"]),
    ("karin", "Karin Oefening", "manager", ["oefen-beheerders"]),
    ("tom", "Tom Oefening", "reviewer", ["oefen-controleurs"]),
    ("els", "Els Oefening", "nobody", ["oefen-receptie"]),
)


def client_of(receiver: str) -> str:
    """How a receiver is known at the login of its staff."""
    return f"medewerkers-{receiver}"


def exercise_staff() -> tuple[ExercisePerson, ...]:
    """The same five at each receiver, as five others."""
    return tuple(
        ExercisePerson(
            f"{name}-{receiver.id}",
            None,
            full_name,
            text(f"demo.staff.{about}"),
            {"name": full_name, "roles": roles},
            client_of(receiver.id),
        )
        for receiver in EXERCISE_RECEIVERS
        for name, full_name, about, roles in _PEOPLE
    )
