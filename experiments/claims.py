"""The article's claims, each with its number, ours, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from tables import RESULTS, read

from paddle_srcnn.recipes import RECIPES


@dataclass(frozen=True)
class Claim:
    """A claim of the article and what became of it.

    Parameters
    ----------
    claim, published, ours : str
    verdict : str
        Begins with "confirmed", "not confirmed", "refuted", "partly" or "not measured yet".
    """

    claim: str
    published: str
    ours: str
    verdict: str


def claims() -> list[Claim]:
    """Claims of the article, as the committed results answer them."""
    published = RECIPES["baseline"].published
    summary = read(RESULTS / "baseline" / "summary.json")
    ours = summary["final"]["psnr_mean_db"] if summary else None
    return [
        Claim(
            "SRCNN 9-1-5 on Y reaches this mean PSNR on Set5 after 150 epochs on T91.",
            f"{published.psnr_db:.2f} dB",
            "" if ours is None else f"{ours:.2f} dB",
            "not measured yet" if ours is None else "confirmed" if ours >= published.psnr_db else "not confirmed",
        )
    ]
