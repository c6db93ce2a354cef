"""Which approved states stand: of each subject and name the newest that someone who may has signed, else the one that shipped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from goldworks.access.signed_entries import signature_problem, trusted_keys
from goldworks.access.signing import Signer
from goldworks.approvals.policy import Grants, ReleasePolicy, Subject, load_release_policy
from goldworks.approvals.register import APPROVAL_TYPE, FILE, Approval, load_register, write_register
from goldworks.approvals.remembering import remember, remembered
from goldworks.approvals.shipped import shipped_states
from goldworks.errors import InputError

RELEASE = "release"
"""Name under which the release policy is approved; the others of which there is one go by their subject, too."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that does not count: its place in the file, from 0, and why."""

    index: int
    entry: Approval
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`states`: by subject and name the digest that stands. `refused`: entries that do not count. `signed`: what stands by an
    entry. `gone`: what stands no more, because the newest entry does not count, or this home signed a newer one that is not
    in the file. `grants`: of the release policy that was approved last by an entry; None: by none.
    """

    states: dict[tuple[Subject, str], str]
    signed: frozenset[tuple[Subject, str]] = frozenset()
    refused: tuple[Refused, ...] = ()
    gone: frozenset[tuple[Subject, str]] = frozenset()
    grants: Grants | None = None

    def state(self, subject: Subject, *names: str) -> str | None:
        """The digest that stands for the first of the names that has one; None: for none, or its entry is gone."""
        for name in names:
            if (subject, name) in self.gone:
                return None
            if (subject, name) in self.states:
                return self.states[subject, name]
        return None

    def holds(self, subject: Subject, name: str, digest: str) -> bool:
        """Whether it is approved as it stands. Use cases without a plan or a tier of their own have the default's."""
        names = (name, "default") if subject in ("sampling", "tiers") else (name,)
        return self.state(subject, *names) == digest

    def refused_words(self, subject: Subject, name: str, wanted: str) -> str:
        """What keeps an entry for that very state from counting; empty when nothing is known."""
        for one in self.refused:
            if (one.entry.subject, one.entry.name, one.entry.digest) == (subject, name, wanted):
                return f": expectations/{FILE}: approvals.{one.index} ({subject} {name}) {one.why}"
        if (subject, name) in self.gone:
            return f": the newest entry for it does not count, or is gone from expectations/{FILE}; put it back, or approve anew"
        return ""


def standing(expectations: Path, home: Path, rules: ReleasePolicy) -> Standing:
    """What stands for the policies below `expectations`, by signatures that count in `home`. Raises `PolicyError`."""
    every = load_register(expectations).approvals
    keys = trusted_keys(Signer(home), expectations) if any(one.signature for one in every) else []
    return _standing(every, keys, rules, remembered(home))


def _standing(
    every: Sequence[Approval], keys: Sequence[Ed25519PublicKey], rules: ReleasePolicy, last: Mapping[tuple[Subject, str], int]
) -> Standing:
    shipped = shipped_states().states
    states: dict[tuple[Subject, str], str] = {(of, name): one for of, named in shipped.items() for name, one in named.items()}
    signed: set[tuple[Subject, str]] = set()
    refused: list[Refused] = []
    numbers: dict[tuple[Subject, str], int] = {}
    grants: Grants | None = None
    for index, one in sorted(enumerate(every), key=lambda place: place[1].number):
        if why := _problem(one, keys, rules, grants):
            refused.append(Refused(index, one, why))
            continue
        states[one.subject, one.name] = one.digest
        signed.add((one.subject, one.name))
        numbers[one.subject, one.name] = one.number
        grants = one.grants if one.subject == "release" else grants
    newest = dict(last)
    for one in refused:
        of = one.entry.subject, one.entry.name
        newest[of] = max(newest.get(of, 0), one.entry.number)
    gone = frozenset(of for of, number in newest.items() if numbers.get(of, 0) < number)
    return Standing(states, frozenset(signed), tuple(refused), gone, grants)


def _problem(one: Approval, keys: Sequence[Ed25519PublicKey], rules: ReleasePolicy, before: Grants | None) -> str | None:
    """`before`: of the release policy that was approved last before."""
    if one.signature is None:
        return "is not signed: entries are written by goldworks gate approve, not by hand"
    if problem := signature_problem(one.content, APPROVAL_TYPE, one.signature, keys):
        return f"does not count: {problem[1]}"
    grants = before or one.grants if one.subject == "release" else rules
    if grants is None or not grants.may_approve(one.subject, one.approved_by, one.role):
        return f"does not count: {one.approved_by} as {one.role} may not approve {one.subject}"
    return None


def approve(
    expectations: Path, home: Path, subject: Subject, name: str, wanted: str, person: str, role: str, on: dt.date
) -> None:
    """Add a signed approval to the file, in place of entries for the same that do not count.

    Who may is said by the release policy as it was approved last; by the one that is to be approved, while no entry approves any.
    Raises `InputError` for a person who may not, and while the release policy itself is not approved.
    """
    rules = load_release_policy(expectations)
    known = standing(expectations, home, rules)
    is_release = subject == "release"
    if not is_release and known.state("release", RELEASE) != rules.digest:
        raise InputError(
            "the release policy, which says who may approve, is not approved as it stands",
            remedy=f"first: {command('release', RELEASE, known.grants or rules)}",
        )
    grants = known.grants or rules.grants if is_release else rules.grants
    if not grants.may_approve(subject, person, role):
        may = "; ".join(f"{one}: {', '.join(grants.people.get(one, ()))}" for one in grants.roles(subject))
        where = "the release policy that was approved last" if is_release and known.grants else "policies/release.yml"
        raise InputError(f"{person} as {role} may not approve {subject}", remedy=f"by {where} may: {may}")
    if (subject, name) in known.signed and known.state(subject, name) == wanted:
        return
    dropped = {one.index for one in known.refused if (one.entry.subject, one.entry.name) == (subject, name)}
    every = load_register(expectations).approvals
    fresh = Approval(
        subject=subject,
        name=name,
        digest=wanted,
        approved_by=person,
        role=role,
        approved_on=on,
        number=1 + max([one.number for one in every] + [*remembered(home).values()], default=0),
        grants=rules.grants if is_release else None,
    )
    kept = [one for index, one in enumerate(every) if index not in dropped]
    write_register(expectations, [*kept, fresh.signed(Signer(home))])
    remember(home, subject, name, fresh.number)


def command(subject: Subject, name: str, grants: Grants) -> str:
    """The command that approves a state."""
    return f"goldworks gate approve {subject} {name} --by NAME --role {grants.roles(subject)[0]}"


def not_standing(known: Standing, grants: Grants, wanted: Iterable[tuple[Subject, str, str, str]]) -> tuple[tuple[str, str], ...]:
    """Of (subject, name, digest, sentence that it is not approved) those that are not, with the command that approves each."""
    return tuple(
        (f"{words}{known.refused_words(subject, name, digest)}", command(subject, name, grants))
        for subject, name, digest, words in wanted
        if not known.holds(subject, name, digest)
    )
