"""Keywords of version 0.1.0, which its callers may go on using."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["accepting"]

Function = TypeVar("Function", bound=Callable[..., Any])


def accepting(old: str, new: str) -> Callable[[Function], Function]:
    """Let a function take a keyword by its old name too, with a `DeprecationWarning`.

    Parameters
    ----------
    old, new : str
        Names of the keyword in version 0.1.0 and today.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def accepts(*arguments: Any, **keywords: Any) -> Any:
            if old in keywords:
                warnings.warn(f"{function.__name__}({old}=...) is {new}=... now", DeprecationWarning, stacklevel=2)
                keywords[new] = keywords.pop(old)
            return function(*arguments, **keywords)

        return accepts  # type: ignore[return-value]

    return decorate
