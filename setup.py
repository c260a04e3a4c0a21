"""Installs ipcgan, as pyproject.toml says; here is what that file cannot say."""

from setuptools import find_packages, setup

# The networks lie beside the package, where their pages are read, and within it once
# it is installed: as tools/export.py writes them for ONNX Runtime, which needs nothing
# else to age faces.
SHIPPED = "ipcgan.shipped"

setup(
    packages=[*find_packages(include=["ipcgan", "ipcgan.*"]), SHIPPED],
    package_dir={SHIPPED: "checkpoints"},
    include_package_data=False,  # Only what is named here.
    package_data={
        "ipcgan": ["py.typed", "recipes/*.json"],
        "ipcgan.web": [
            f"static/**/*.{kind}" for kind in ("html", "css", "js", "svg", "jpg")
        ],
        "ipcgan.web.site": ["package*.json"],
        "ipcgan.photos": ["yunet_2023mar*", "shape_predictor_5_face_landmarks.*"],
        SHIPPED: [
            f"{family}_*/{file}"
            for family in ("ipcgan", "ragan")
            for file in ("generator.onnx", "export.json", "config.json", "*_CARD.md")
        ]
        + ["judges/hse_face/*"],
    },
)
