"""Face ageing with identity-preserved conditional GANs, on Keras 3.

`from ipcgan import PhotoAger` ages the faces in photographs with a trained checkpoint,
`FaceAger` faces that were cut out before.
"""

import os

from ipcgan import privacy

# Before any library is imported: nobody is told that this package is used.
privacy.telemetry_off()
privacy.leave_home()
# TensorFlow leaves its faster convolutions (oneDNN) off on processors without AVX-512,
# where they are twice as fast, too; it reads this once, when it is loaded.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"
__all__ = ["FaceAger", "PhotoAger", "__version__"]


def __getattr__(name):
    # Importing the package alone stays fast: the networks' library takes seconds.
    if name == "FaceAger":
        from ipcgan.inference.ager import FaceAger

        return FaceAger
    if name == "PhotoAger":
        from ipcgan.runs.age.photo_ager import PhotoAger

        return PhotoAger
    raise AttributeError(f"module 'ipcgan' has no attribute '{name}'")
