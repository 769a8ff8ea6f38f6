"""The network for each photo of a batch: a plain one, or one that removes JPEG's blocks or noise as well."""

from __future__ import annotations

import logging

from paddle_srcnn.apps.networks import best_network, stages_of
from paddle_srcnn.apps.plan import BatchOptions
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.errors import UserError, about
from paddle_srcnn.images.photo import Photo

__all__ = ["MOST_BLOCKY_QUALITY", "Networks"]

# JPEGs of this quality and below take the network for JPEG. Above it there is little to remove, and the plain network,
# which blurs less, scores higher.
MOST_BLOCKY_QUALITY = 90

logger = logging.getLogger(__name__)


class Networks:
    """Choice of a network for each photo of a batch, and the upscalers, each of them made at its first use.

    Parameters
    ----------
    options : BatchOptions
        As `paddle_srcnn.apps.plan.check_options` has checked them.

    Raises
    ------
    UserError
        If the package has no weights for the options.
    """

    def __init__(self, options: BatchOptions) -> None:
        self._options, self._stages = options, stages_of(options.scale)
        self._upscalers: dict[str, Upscaler] = {}
        self._for_jpeg: str | None = None
        self._fixed = True  # all photos take one network
        if options.weights is not None:
            self._plain = options.weights
        elif options.noise not in (None, "off"):
            self._plain = self._best(f"noise_{options.noise}")
        elif options.jpeg == "on":
            self._plain = self._best("jpeg")
        else:
            self._plain = self._best(None)
            self._fixed = options.jpeg == "off" or options.model == "rgb" or not self._stages

    def _best(self, defect: str | None) -> str:
        return best_network(self._options.model or "y", self._stages, defect=defect, fast=self._options.fast)

    def prepare(self) -> None:
        """Find mistakes that concern all photos: weights that cannot be loaded, or a device that cannot be used.

        Raises
        ------
        UserError
            If there are some.
        """
        if self._fixed:
            self.upscaler(self._plain)
            return
        from paddle_srcnn.static.backend import choose_device  # Paddle takes seconds to import

        choose_device(self._options.device)

    def choose(self, photo: Photo) -> str:
        """Choose the network for a photo.

        Parameters
        ----------
        photo : Photo

        Returns
        -------
        str
            As `upscaler` takes it.
        """
        quality = photo.jpeg_quality
        if self._fixed or quality is None or quality > MOST_BLOCKY_QUALITY:
            return self._plain
        if self._for_jpeg is None:
            try:
                self._for_jpeg = self._best("jpeg")
            except UserError as error:
                self._for_jpeg = self._plain
                logger.warning("JPEGs are enlarged by %s, which keeps their blocks: %s", self._plain, error)
        return self._for_jpeg

    def upscaler(self, network: str) -> Upscaler:
        """Return the upscaler of a network, and make it if it is the first time.

        Parameters
        ----------
        network : str
            As `choose` returns it.

        Returns
        -------
        Upscaler

        Raises
        ------
        UserError
            If the weights cannot be loaded, or the device cannot be used.
        """
        if network not in self._upscalers:
            with about("weights"):
                self._upscalers[network] = Upscaler(network, self._options.scale, device=self._options.device)
        return self._upscalers[network]
