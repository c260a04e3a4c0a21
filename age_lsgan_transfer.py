"""Trains a face ageing model; --help shows the usual options, --helpfull all."""

from ipcgan.runs.train import train_program

if __name__ == "__main__":
    train_program.run()
