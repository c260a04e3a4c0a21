"""A teacher of templates, and whether a trained generator reads faces as it does."""

import shutil

import numpy as np


def write_teacher(folder):
    """Writes a face ResNet of the sizes that templates need; returns the network."""
    from ipcgan import face_networks
    from ipcgan.models import face_resnet

    sizes = face_resnet.FaceResNetSizes(image_size=16, reads_gender=True)
    teacher = face_resnet.build_face_resnet(sizes)
    face_networks.write(teacher, sizes, folder, {})
    return teacher


def assert_reads_without(run_dir, teacher, folder):
    """Removes the teacher's folder: whoever ages by a run needs no teacher."""
    from ipcgan.inference.ager import FaceAger
    from ipcgan.models import templates

    shutil.rmtree(folder)
    generator = FaceAger.from_checkpoint(run_dir, engine="keras").generator
    reader = templates.reader_of(generator)
    (read,), (taught,) = (n.get_layer("stem").get_weights() for n in (reader, teacher))
    np.testing.assert_allclose(read, taught, rtol=1e-6)
