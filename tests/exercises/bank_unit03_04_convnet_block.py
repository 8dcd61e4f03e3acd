from tests.exercises.answer_bank import Bank

bank = Bank()
