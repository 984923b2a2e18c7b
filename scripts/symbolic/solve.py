"""Answers one SMT query: whichever of the solvers decides it first. Halmos calls it with the query's file.

Yices is quick where bits are shifted and masked. Products and quotients of wide numbers are beyond it and every solver that
works on bits; cvc5 takes them for whole numbers, modulo a power of two, and reasons about those.
"""

import os
import subprocess
import sys
import time

STRATEGIES = (
    ("yices",),
    ("cvc5", "solve-bv-as-int=sum"),
    ("cvc5", "solve-bv-as-int=sum", "nl-ext-tplanes=true", "nl-cov=false"),
)


def decide(options, path):
    import cvc5

    solver = cvc5.Solver()
    for name, value in [("produce-models", "true"), *(option.split("=") for option in options)]:
        solver.setOption(name, value)
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, path)
    symbols = parser.getSymbolManager()
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        name = command.getCommandName()
        # There is a model of what can be satisfied only.
        if name.startswith("get-") and not answer.startswith("sat"):
            continue
        text = str(command.invoke(solver, symbols))
        if name == "check-sat":
            answer = text
        sys.stdout.write(text)


def start(strategy, path):
    if strategy[0] == "yices":
        tool = os.path.join(os.path.dirname(sys.executable), "yices-smt2")
        command = [tool, "--smt2-model-format", "--bvconst-in-decimal", path]
    else:
        command = [sys.executable, os.path.abspath(__file__), "--decide", *strategy[1:], path]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def race(path):
    running = [start(strategy, path) for strategy in STRATEGIES]
    try:
        while running:
            for child in [each for each in running if each.poll() is not None]:
                running.remove(child)
                text = child.stdout.read()
                if text.startswith(("sat", "unsat")):
                    return text
            time.sleep(0.01)
        return "unknown\n"
    finally:
        for child in running:
            child.kill()


if __name__ == "__main__":
    if sys.argv[1] == "--decide":
        decide(sys.argv[2:-1], sys.argv[-1])
    else:
        sys.stdout.write(race(sys.argv[1]))
