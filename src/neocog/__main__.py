"""``python -m neocog`` is ``neocog``."""

from neocog.cli.main import main

if __name__ == "__main__":
    main()
