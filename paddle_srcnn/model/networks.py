"""The table of architectures beside SRCNN, by the name in the metadata of their weights."""

from __future__ import annotations

from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.espcn import Espcn

__all__ = ["NETWORKS"]

NETWORKS: dict[str, type[Espcn] | type[Drcn]] = {"espcn": Espcn, "drcn": Drcn}
