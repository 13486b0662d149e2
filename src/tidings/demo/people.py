"""Who lives in the demo world."""

from dataclasses import dataclass

from tidings.accounts.types import AccessType, Language


@dataclass(frozen=True, slots=True)
class Person:
    """One inhabitant; their external id is their user name."""

    username: str
    name: str
    access_type: AccessType = AccessType.REGULAR
    language: Language = Language.ENGLISH_US

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


GRACE = Person("grace", "Grace Hopper", AccessType.ADMIN)
ADA = Person("ada", "Ada Lovelace")
EMMY = Person("emmy", "Emmy Noether", language=Language.GERMAN)
RAMON = Person("ramon", "Ramón y Cajal", language=Language.SPANISH)
PEOPLE = (GRACE, ADA, EMMY, RAMON)
