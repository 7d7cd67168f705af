from sqlalchemy import create_engine, text


def test_a_storage_test_runs_on_an_empty_database_of_each_kind(database_url: str) -> None:
    engine = create_engine(database_url)

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (title TEXT)"))
        connection.execute(text("INSERT INTO letters VALUES ('één')"))
        rows = connection.execute(text("SELECT title FROM letters")).scalars().all()
    engine.dispose()

    assert rows == ["één"]
