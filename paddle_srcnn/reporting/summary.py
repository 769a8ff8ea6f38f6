"""Summary of a finished run: the content of ``summary.json``, and the metadata of its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score

__all__ = ["Collapse", "Figures", "Summary"]


@dataclass(frozen=True)
class Figures:
    """PSNRs of a validation set in dB, rounded to a ten-thousandth: mean, pooled, and of each image by name.

    They measure Y. A network that restores colour has the figures of its three channels in `rgb` as well.
    """

    psnr_mean_db: float
    psnr_pooled_db: float
    psnr_db: Mapping[str, float]
    rgb: Figures | None = None

    @classmethod
    def of(cls, names: Sequence[str], score: Score) -> Figures:
        """Round a score, and name its images."""
        return cls(
            round(score.psnr_mean_db, 4),
            round(score.psnr_pooled_db, 4),
            {name: round(value, 4) for name, value in zip(names, score.psnr_db, strict=True)},
            cls.of(names, score.rgb) if score.rgb else None,
        )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Figures:
        """Take what `to_json` gave."""
        rgb = content.get("rgb")
        return cls(
            content["psnr_mean_db"], content["psnr_pooled_db"], content["psnr_db"], cls.from_json(rgb) if rgb else None
        )

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        content: dict[str, Any] = {
            "psnr_mean_db": self.psnr_mean_db,
            "psnr_pooled_db": self.psnr_pooled_db,
            "psnr_db": dict(self.psnr_db),
        }
        return content | ({"rgb": self.rgb.to_json()} if self.rgb else {})

    def psnr(self, pooling: str) -> float:
        """Return the PSNR in dB of a pooling, ``"mean"`` or ``"pooled"``."""
        return {"mean": self.psnr_mean_db, "pooled": self.psnr_pooled_db}[pooling]


@dataclass(frozen=True)
class Collapse:
    """State of the network at the end of a run: worse than its input, or with a layer that is dead."""

    below_input: bool
    dead_layer: bool


@dataclass(frozen=True)
class Summary:
    """Description of a finished run.

    Parameters
    ----------
    recipe, protocol : str
    commit : str
        Commit of the code; several, joined by " then ", if other code resumed the run.
    seed : int
    data : mapping
        Description of the sets under ``train`` and ``validation``: ``name``, ``pictures``, ``sha256``, ...
    settings : mapping
        The recipe as `paddle_srcnn.recipes.Recipe.settings` gives it. Early summaries lack settings of today; those had
        their default values.
    epochs, backprops : int
    loss : float or None
        Mean training loss of the last epoch.
    input, final : Figures
        PSNRs of the inputs themselves and of the trained network.
    seconds, backprops_per_second : float
    threads, workers : int
    place : str
        Device in Paddle's words.
    versions : mapping of str to str
    colour : str, optional
        Description of the network's channels.
    pretrained : str, optional
        Weights that the run started from, with their checksum.
    collapse : Collapse, optional
        Missing in the first published summaries, whose runs ended above their inputs.
    parts : sequence of mapping, optional
        Provenance of each part, if the run was stopped and resumed.
    """

    recipe: str
    protocol: str
    commit: str
    seed: int
    data: Mapping[str, Any]
    settings: Mapping[str, Any]
    epochs: int
    backprops: int
    loss: float | None
    input: Figures
    final: Figures
    seconds: float
    backprops_per_second: float
    threads: int
    workers: int
    place: str
    versions: Mapping[str, str]
    colour: str | None = None
    pretrained: str | None = None
    collapse: Collapse | None = None
    parts: Sequence[Mapping[str, Any]] | None = None

    @property
    def train_set(self) -> str:
        """Name of the set that the run trained on."""
        return self.data["train"]["name"]

    @property
    def validation_set(self) -> str:
        """Name of the set that the run was scored on."""
        return self.data["validation"]["name"]

    @property
    def scale(self) -> int:
        """Factor of upscaling; 1 in the protocol `article`."""
        return self.settings.get("scale", 1)

    @property
    def network(self) -> str:
        """Filter sizes in the paper's notation, such as ``9-1-5``, or another architecture's name."""
        architecture = self.settings["architecture"]
        return architecture.get("name") or "-".join(map(str, architecture["filters"]))

    @property
    def title(self) -> str:
        """The network as titles name it, such as ``SRCNN 9-1-5``."""
        return self.network if "name" in self.settings["architecture"] else f"SRCNN {self.network}"

    @property
    def channels(self) -> str:
        """Channels of the network as titles name them: ``Y``, ``RGB`` or ``YCbCr``."""
        if self.settings["architecture"]["channels"] == 1:
            return "Y"
        return "YCbCr" if self.settings.get("ycbcr") else "RGB"

    @property
    def published(self) -> Mapping[str, Any] | None:
        """Published result that the run reproduces: ``psnr_db`` and ``source``."""
        return self.settings["published"]

    @property
    def end(self) -> Collapse:
        """Collapse, also of runs that were published before summaries said so."""
        return self.collapse or Collapse(below_input=False, dead_layer=False)

    @classmethod
    def read(cls, path: Path) -> Summary:
        """Read ``summary.json``.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        UserError
            If the file cannot be read or is no summary.
        """
        try:
            return cls.from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise
        except (OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read ({error}): mend it or move it away") from None
        except (KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} is no summary of a run ({error!r}): mend it or move it away") from None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Summary:
        """Take the content of ``summary.json``.

        Raises
        ------
        KeyError, TypeError
            If something is missing or unknown.
        """
        collapse = content.get("collapse")
        figures = {label: Figures.from_json(content[label]) for label in ("input", "final")}
        return cls(**{**content, **figures, "collapse": collapse and Collapse(**collapse)})

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``summary.json``, in its order."""
        content: dict[str, Any] = {name: getattr(self, name) for name in ORDER}
        content |= {"input": self.input.to_json(), "final": self.final.to_json()}
        if self.collapse:
            content["collapse"] = {"below_input": self.collapse.below_input, "dead_layer": self.collapse.dead_layer}
        return {name: value for name, value in content.items() if value is not None or name not in OPTIONAL}

    def metadata(self) -> dict[str, str]:
        """Return the metadata of the run's weights."""
        return {
            "recipe": self.recipe,
            "protocol": self.protocol,
            "scale": str(self.settings["scale"]),
            **({"defect": self.settings["defect"]["name"]} if "defect" in self.settings else {}),
            "colour": str(self.colour),
            "value_range": f"0..{self.settings['value_range']:g}",
            "backprops": str(self.backprops),
            "trained_on": self.train_set,
            "scored_on": self.validation_set,
            "psnr_mean_db": f"{self.final.psnr_mean_db:.4f}",
            "psnr_pooled_db": f"{self.final.psnr_pooled_db:.4f}",
        }

    def describe(self) -> str:
        """Describe the network's inputs and outputs in lines of text."""
        lines = []
        for label, figures in (("input", self.input), ("final", self.final)):
            for channels, psnr in (("Y", figures), ("RGB", figures.rgb)):
                if psnr:
                    lines.append(
                        f"{label}: {psnr.psnr_mean_db:.2f} dB mean, {psnr.psnr_pooled_db:.2f} dB pooled "
                        f"(PSNR of {channels} on {self.validation_set}, protocol `{self.protocol}`)"
                    )
        if self.end.dead_layer:
            lines.append("collapsed: a layer is dead, so the output is the same whatever the input")
        elif self.end.below_input:
            lines.append("the output is worse than the input: the run has collapsed, or is too short")
        return "\n".join(lines)


OPTIONAL = {"colour", "pretrained", "collapse", "parts"}
ORDER = (
    *(
        "recipe",
        "protocol",
        "commit",
        "seed",
        "data",
        "settings",
        "colour",
        "pretrained",
        "epochs",
        "backprops",
        "loss",
    ),
    *(
        "input",
        "final",
        "collapse",
        "seconds",
        "backprops_per_second",
        "threads",
        "workers",
        "place",
        "versions",
        "parts",
    ),
)
