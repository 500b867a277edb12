"""``python -m spiritlevel`` is the command ``spiritlevel``."""

from spiritlevel.cli.main import main

if __name__ == "__main__":
    main()
