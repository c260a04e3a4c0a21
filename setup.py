"""Installs ipcgan; see README.md."""

from setuptools import find_packages, setup

with open("requirements.txt", encoding="utf-8") as file:
    requirements = [line.strip() for line in file if not line.startswith("#")]

# Engines for ageing, and what exports to them.
FAST = ["openvino>=2026.4", "tf2onnx>=1.17"]
HEIF = ["pillow-heif>=1.8"]
C2PA = ["c2pa-python>=0.38"]

setup(
    name="ipcgan",
    version="0.1.0",
    description="Face ageing with identity-preserved conditional GANs, on Keras 3",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["ipcgan", "ipcgan.*"]),
    package_data={
        "ipcgan": ["py.typed", "recipes/*.json"],
        "ipcgan.photos": ["yunet_2023mar.*"],
    },
    py_modules=["age_lsgan_transfer"],
    install_requires=[line for line in requirements if line],
    extras_require={
        "c2pa": C2PA,
        "demo": ["ipykernel>=6.29", "jupyterlab>=4.4"],
        "dev": [
            "ipykernel>=6.29",
            "hypothesis>=6.140",
            "jax>=0.10",
            "mypy>=2.4",
            "nbclient>=0.10",
            *FAST,
            *HEIF,
            *C2PA,
            "pytest>=9",
            "pytest-xdist>=3.8",  # the tests on all cores.
            "ruff>=0.14",
            "scikit-image>=0.25",  # its cascade is what a detector's test runs on.
            "scikit-learn>=1.7",
        ],
        "fast": FAST,
        "heif": HEIF,
        "jax": ["jax>=0.10"],
    },
    entry_points={
        "console_scripts": [
            "ipcgan-train=age_lsgan_transfer:run",
            "ipcgan-age=ipcgan.runs.age.age_program:run",
        ]
    },
)
