"""After a purge nothing is left in the database's files either (SV-12)."""

from relying_services.service.store.database import Store


def scrub(store: Store) -> bool:
    """Write over what was deleted: SQLite keeps it in its write-ahead log until a checkpoint.

    Deleted cells are overwritten as they are deleted (`secure_delete`). PostgreSQL gives the space
    back to its own vacuum. Gives whether the log is empty: who reads the file holds that up, and is
    waited for as long as for any lock.
    """
    if not store.is_sqlite:
        return True
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        told = cursor.fetchone()
    finally:
        connection.close()
    is_busy = told is None or told[0]
    return not is_busy
