// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The part of the cheatcodes that these tests use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;
    function etch(address account, bytes calldata code) external;
    function publicKeyP256(uint256 key) external view returns (uint256 x, uint256 y);
    function signP256(uint256 key, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool done);
    function getCode(string calldata artifact) external view returns (bytes memory);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @title Test
/// @dev A small base: npm's forge-std is unofficial and does not resolve.
abstract contract Test {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotTrue(string what);
    error NotDeployed(string artifact);

    /// @dev Deploys a contract as the build made it. `new` would compile it again into every test that uses it.
    function deploy(string memory artifact, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), NotDeployed(artifact));
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, actual, expected));
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, uint256(actual), uint256(expected)));
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        require(actual == expected, NotEqual(what, uint160(actual), uint160(expected)));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        require(condition, NotTrue(what));
    }

    /// @dev Of two words behind the selector, the first is what was left, the second what is needed.
    function gasIn(bytes memory reason) internal pure returns (uint256 left, uint256 needed) {
        assembly ("memory-safe") {
            left := mload(add(reason, 0x24))
            needed := mload(add(reason, 0x44))
        }
    }

    /// @dev With one unit less than `needed` left, `target` says so; with exactly that, it goes on. What it uses before it looks
    /// does not depend on what it is given.
    function assertGasBoundary(
        address target,
        bytes memory call,
        uint256 tooLittle,
        bytes4 error_,
        uint256 needed
    ) internal {
        (bool ok, bytes memory reason) = target.call{gas: tooLittle}(call);
        assertTrue(!ok && reason.length == 4 + 64, "too little");
        assertEq(bytes32(bytes4(reason)), bytes32(error_), "error");
        (uint256 left, uint256 asked) = gasIn(reason);
        assertEq(asked, needed, "needed");
        assertTrue(left < tooLittle, "left");
        uint256 enough = tooLittle + needed - left;
        (ok, reason) = target.call{gas: enough - 1}(call);
        assertTrue(!ok, "one unit too little");
        (left, ) = gasIn(reason);
        assertEq(left, needed - 1, "left of one unit too little");
        (ok, ) = target.call{gas: enough}(call);
        assertTrue(ok, "enough");
    }

    /// @dev How many events of this kind there are.
    function countOf(Vm.Log[] memory logs, bytes32 topic) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < logs.length; ++i) if (logs[i].topics[0] == topic) ++count;
    }

    /// @dev Folds `value` into `minimum..maximum`, both inclusive.
    function bound(uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        if (value >= minimum && value <= maximum) return value;
        uint256 size = maximum - minimum;
        if (size == type(uint256).max) return value;
        return minimum + (value % (size + 1));
    }
}
