"""tmp"""
import typer
def register(app: typer.Typer) -> None:
    from adapters.cli import keeping
    keeping.register(app)
