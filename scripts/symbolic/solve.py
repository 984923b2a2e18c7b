"""Answers one SMT query. Halmos calls it with the query's file.

Yices is quick where bits are shifted and masked, and with what Halmos leaves open at first. Products and quotients of wide words are
beyond every solver that works on bits. z3 refutes the same queries at once when they are said in whole numbers (`integers.py`); where
it finds numbers instead, they count only if they make the query itself true.
"""

import os
import subprocess
import sys

# {s} that Yices has alone, since most queries take it less and z3 a while to be loaded.
HEAD_START = 0.3
# {ms}
WHOLE_NUMBERS = 60_000


def whole_numbers(path):
    """What z3 says of the query of a file, as a solver would; nothing if it cannot say."""
    import z3

    from integers import Whole

    query = z3.parse_smt2_file(path)
    whole = Whole()
    solver = z3.Solver()
    solver.set("timeout", WHOLE_NUMBERS)
    solver.add(whole.query(query))
    answer = solver.check()
    if answer == z3.unsat:
        return "unsat\n"
    if answer == z3.unknown:
        return ""
    model = solver.model()
    exact = z3.Solver()
    exact.set("timeout", WHOLE_NUMBERS)
    exact.add(query)
    for word, number in whole.inputs():
        exact.add(word == model.eval(number, model_completion=True).as_long())
    return f"sat\n{exact.model().sexpr()}\n" if exact.check() == z3.sat else ""


def answer(path):
    tool = os.path.join(os.path.dirname(sys.executable), "yices-smt2")
    command = [tool, "--smt2-model-format", "--bvconst-in-decimal", path]
    yices = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        try:
            return yices.communicate(timeout=HEAD_START)[0]
        except subprocess.TimeoutExpired:
            return whole_numbers(path) or yices.communicate()[0]
    finally:
        yices.kill()


if __name__ == "__main__":
    text = answer(sys.argv[1])
    sys.stdout.write(text if text.startswith(("sat", "unsat")) else "unknown\n")
