"""SRCNN on PaddlePaddle, as reproduced by an article of 2018 and as measured by the paper of 2014 to 2016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paddle_srcnn.apps.upscaler import Upscaler
    from paddle_srcnn.errors import UserError
    from paddle_srcnn.images.photos import read_photo, write_photo

__version__ = "0.2.0"
__all__ = ["Upscaler", "UserError", "__version__", "read_photo", "write_photo"]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `import paddle_srcnn` takes milliseconds (PEP 562)."""
    if name == "Upscaler":
        from paddle_srcnn.apps.upscaler import Upscaler

        return Upscaler
    if name == "UserError":
        from paddle_srcnn.errors import UserError

        return UserError
    if name in ("read_photo", "write_photo"):
        from paddle_srcnn.images import photos

        return getattr(photos, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
