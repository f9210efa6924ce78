"""Where the answers come from: a person at a terminal, or the environment."""

from __future__ import annotations

import dataclasses
import os
import sys
from typing import Protocol

import click

from tap_zohocrm_modules.config.parsing import SettingsError


class Questions(Protocol):
    """Asks for what `--set-up` has to know."""

    def say(self, text: str) -> None:
        """Show a text that leads to the next question."""

    def ask(self, what: str, *, key: str, hidden: bool = False, default: str | None = None) -> str:
        """Return the answer, without blanks around it.

        Args:
            what: The question, in a few words.
            key: The end of the environment variable that answers it.
            hidden: Whether the answer is a secret, which must not show.
            default: What no answer means; None: there must be one.
        """


class Terminal:
    """A person answers. Everything is written to standard error, secrets are read unseen."""

    @staticmethod
    def is_there() -> bool:
        """Whether somebody can answer."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Show a text."""
        click.echo(text, err=True)

    def ask(self, what: str, *, key: str, hidden: bool = False, default: str | None = None) -> str:
        """Return what is typed or pasted; asks again until there is an answer."""
        del key
        shown = f"{what} (not shown)" if hidden else what
        answer: str = click.prompt(
            shown, default=default, hide_input=hidden, show_default=False, err=True
        )
        return answer.strip()


@dataclasses.dataclass(frozen=True, slots=True)
class Variables:
    """The environment answers; what is missing is one error."""

    prefix: str

    def say(self, text: str) -> None:
        """Say nothing: nobody reads along."""

    def ask(self, what: str, *, key: str, hidden: bool = False, default: str | None = None) -> str:
        """Return the variable's value; SettingsError: it is not set."""
        del hidden
        answer = os.environ.get(f"{self.prefix}{key.upper()}", "").strip() or default
        if answer is None:
            variable = f"{self.prefix}{key.upper()}"
            problem = (
                f"{variable} is not set: without a terminal --set-up takes the"
                f" {what.lower()} from there"
            )
            raise SettingsError([problem])
        return answer


def questions(prefix: str) -> Questions:
    """Return who answers: the terminal where there is one."""
    return Terminal() if Terminal.is_there() else Variables(prefix)
