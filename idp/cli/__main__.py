"""`python -m idp.cli`: the command `ecps-idp`, for programs that know the interpreter only."""

from idp.cli import main

main(prog_name="ecps-idp")
