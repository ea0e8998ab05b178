from tests.docs.reference import write

write()
