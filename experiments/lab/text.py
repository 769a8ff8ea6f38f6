"""Texts of generated pages in English and in Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["LANGUAGES", "Language", "Text", "joined", "same"]

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    en: str
    zh: str

    def __getitem__(self, language: Language) -> str:
        return self.en if language == "en" else self.zh

    def __add__(self, other: Text) -> Text:
        return Text(self.en + other.en, self.zh + other.zh)


def same(text: str) -> Text:
    """Make a text that both languages share: a number, a name."""
    return Text(text, text)


def joined(parts: Iterable[Text], separator: Text) -> Text:
    """Join texts, in each language by its own separator."""
    parts = list(parts)
    return Text(separator.en.join(part.en for part in parts), separator.zh.join(part.zh for part in parts))
