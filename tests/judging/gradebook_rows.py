"""Every row of a gradebook, so that two made by different programs can be compared."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, MetaData, Table, create_engine, inspect, select

#: What makes a row of a table with random ids the one it is.
NATURAL = {
    "assignment": ("name",),
    "notebook": ("assignment_id", "name"),
    "base_cell": ("notebook_id", "name", "type"),
    "source_cell": ("notebook_id", "name"),
    "submitted_assignment": ("assignment_id", "student_id"),
    "submitted_notebook": ("assignment_id", "notebook_id"),
    "grade": ("notebook_id", "cell_id"),
    "comment": ("notebook_id", "cell_id"),
}


def rows(db_url: str) -> dict[str, list[dict[str, Any]]]:
    """Table name to its rows, sorted; random ids are replaced by what they stand for.

    Nothing is left out: the only times in a gradebook are due dates and times of handing in.
    """
    engine = create_engine(db_url)
    try:
        return _Rows(engine).named()
    finally:
        engine.dispose()


class _Rows:
    def __init__(self, engine: Engine) -> None:
        metadata = MetaData()
        self.tables = {
            name: Table(name, metadata, autoload_with=engine)
            for name in inspect(engine).get_table_names()
        }
        with engine.connect() as connection:
            self.found = {
                name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for name, table in self.tables.items()
            }
        self.by_id = {
            name: {row["id"]: row for row in self.found[name]}
            for name in self.tables
            if "id" in self.tables[name].columns
        }

    def named(self) -> dict[str, list[dict[str, Any]]]:
        return {
            name: sorted(
                ({column: self._named(name, column, row) for column in row} for row in found),
                key=repr,
            )
            for name, found in self.found.items()
        }

    def _named(self, table: str, column: str, row: dict[str, Any]) -> Any:
        value = row[column]
        for key in self.tables[table].columns[column].foreign_keys:
            other = key.column.table.name
            return None if value is None else self._name(other, self.by_id[other][value])
        return self._name(table, row) if column == "id" else value

    def _name(self, table: str, row: dict[str, Any]) -> Any:
        columns = NATURAL.get(table)
        if columns is None:
            return row["id"]
        return "/".join(str(self._named(table, column, row)) for column in columns)
