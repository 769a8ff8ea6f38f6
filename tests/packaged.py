"""A package that holds small fabricated networks under the names of the real ones."""

from dataclasses import replace

from small_networks import weights_of

from paddle_srcnn.model import weights as weights_module
from paddle_srcnn.model.weights import save_weights

DEFECTS = ("jpeg", "noise_low", "noise_high")


def put_packaged(folder, monkeypatch, *, scales=(2, 3, 4), defects=DEFECTS, filters=("9-5-5", "9-1-5")):
    """Let the package's weights be fabricated ones in a folder; each defect and size has other parameters."""
    seed = 0
    for defect in ("", *defects):
        for sizes in filters:
            for scale in scales:
                seed += 1
                weights = weights_of(filters=(3, 1, 3), seed=seed, detail=0.01)
                metadata = {**weights.metadata, "scale": str(scale), **({"defect": defect} if defect else {})}
                name = f"sr_{defect}_{sizes}_x{scale}" if defect else f"sr_{sizes}_x{scale}"
                save_weights(folder / f"{name}.safetensors", replace(weights, metadata=metadata))
    monkeypatch.setattr(weights_module, "PRETRAINED", folder)
