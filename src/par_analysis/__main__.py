"""``python -m par_analysis`` is ``par``."""

from par_analysis.cli import main

if __name__ == "__main__":
    main(prog_name="par")
