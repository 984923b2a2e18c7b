// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The one cheatcode that the checks use.
interface Assumptions {
    function assume(bool condition) external pure;
}

/// @title Symbolic
/// @notice What `npm run test:symbolic` proves: each `check_…` holds for all of its arguments, not for some of them.
/// @dev A check fails if an `assert` can be false, or arithmetic can overflow or divide by zero, for any arguments that `assume` lets
/// through. It is not compiled with the contracts: these files are for Halmos, which reads another compiler's output.
abstract contract Symbolic {
    Assumptions internal constant vm = Assumptions(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
}
