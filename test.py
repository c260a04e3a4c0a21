"""Ages a folder of faces (the unit tests are in tests/); --help shows every option."""

from ipcgan.runs.age import age_program

if __name__ == "__main__":
    age_program.run()
