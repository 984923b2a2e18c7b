// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignatureVerifier} from "../../contracts/interfaces/ISignatureVerifier.sol";
import {HostileWallet} from "../../contracts/mocks/HostileWallet.sol";
import {WalletMock} from "../../contracts/mocks/WalletMock.sol";
import {SignedDigest} from "../../contracts/types/SignatureTypes.sol";
import {Assertion, PasskeyTest} from "./PasskeyTest.sol";

/// @dev A verifier, and what each kind of signature must come to.
abstract contract VerifierTest is PasskeyTest {
    uint256 internal constant KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xBAD;
    uint256 internal constant K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    bytes32 internal constant DIGEST = keccak256("a digest");

    ISignatureVerifier internal verifier;

    function setUp() public virtual {
        verifier = ISignatureVerifier(deploy("SignatureVerifier.sol:SignatureVerifier", ""));
    }

    function check(address signer, bytes memory signature, bool valid, string memory what) internal view {
        assertTrue(verifier.isValid(signer, DIGEST, signature) == valid, what);
    }

    function long(uint256 key) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, DIGEST);
        return abi.encodePacked(r, s, v);
    }
}

contract VerifierEcdsaTest is VerifierTest {
    function test_TakesBothLengths() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);
        address signer = vm.addr(KEY);
        check(signer, abi.encodePacked(r, s, v), true, "65 bytes");
        check(signer, abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255)), true, "64 bytes");
        check(vm.addr(STRANGER_KEY), abi.encodePacked(r, s, v), false, "another signer");
        assertTrue(
            !verifier.isValid(signer, keccak256("other"), abi.encodePacked(r, s, v)),
            "another digest"
        );
    }

    function test_RefusesTheMalformed() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, DIGEST);
        address signer = vm.addr(KEY);
        check(signer, "", false, "empty");
        check(signer, abi.encodePacked(r, bytes31(s)), false, "63 bytes");
        check(signer, abi.encodePacked(r, s, v, v), false, "66 bytes");
        check(
            signer,
            abi.encodePacked(r, K1_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27)),
            false,
            "high s"
        );
        check(signer, abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27)), false, "other parity");
        check(signer, abi.encodePacked(r, bytes32(0), v), false, "s of zero");
        check(signer, abi.encodePacked(bytes32(0), s, v), false, "r of zero");
        check(signer, abi.encodePacked(K1_ORDER, s, v), false, "r of the order");
        uint8[5] memory wrong = [uint8(0), 1, 26, 29, 255];
        for (uint256 i = 0; i < wrong.length; ++i) {
            check(signer, abi.encodePacked(r, s, wrong[i]), false, "v");
        }
    }

    /// @dev The highest s that counts as low, and the one above it, recover to somebody: ask for that address.
    function test_LowSBoundary() public view {
        (, bytes32 r, ) = vm.sign(KEY, DIGEST);
        uint256 half = K1_ORDER / 2;
        address atHalf = ecrecover(DIGEST, 27, r, bytes32(half));
        address aboveHalf = ecrecover(DIGEST, 27, r, bytes32(half + 1));
        check(atHalf, abi.encodePacked(r, half, uint8(27)), true, "half the order");
        check(aboveHalf, abi.encodePacked(r, half + 1, uint8(27)), false, "above it");
        check(aboveHalf, abi.encodePacked(r, half + 1), false, "above it, compact");
    }

    function test_ZeroAddressIsNobody() public view {
        check(address(0), new bytes(64), false, "64 zeros");
        check(address(0), new bytes(65), false, "65 zeros");
        check(address(0), new bytes(128), false, "128 zeros");
        check(
            address(0),
            abi.encodePacked(bytes32(uint256(1)), bytes32(uint256(1)), uint8(29)),
            false,
            "bad v"
        );
    }

    /// @dev An EIP-7702 account has code, and its key still signs.
    function test_KeyOfADelegatedAccount() public {
        WalletMock wallet = new WalletMock(vm.addr(STRANGER_KEY));
        address signer = vm.addr(KEY);
        vm.etch(signer, abi.encodePacked(hex"ef0100", address(wallet)));
        check(signer, long(KEY), true, "the key");
        check(signer, long(STRANGER_KEY), true, "whom the code accepts");
        check(signer, long(KEY + 1), false, "anybody else");
    }

    function testFuzz_EveryKeySignsForItselfOnly(uint256 key, bytes32 digest, address other) public view {
        key = bound(key, 1, K1_ORDER - 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory signature = abi.encodePacked(r, s, v);
        assertTrue(verifier.isValid(vm.addr(key), digest, signature), "own");
        if (other != vm.addr(key) && other.code.length == 0) {
            assertTrue(!verifier.isValid(other, digest, signature), "another's");
        }
    }
}

contract VerifierP256Test is VerifierTest {
    /// @dev Made once by node:crypto, apart from the code here: the key whose 32 bytes are c0441d04 eight times,
    /// `sign("sha256", digest, { key, dsaEncoding: "ieee-p1363" })`, s replaced by the order less s where that is lower.
    address private constant SIGNER = 0x48FA11874cA7fEeea4629D7bbdC05A3bcA9B3D8F;
    bytes private constant VECTOR =
        hex"20ce77bd8e854b8d4a0639310235acea29b865a65dde449dcd3ca09a4d4aee5e5906f509f1c5e98dcdc52094d4977299d4e260f95d22ec208fe1fe2f47937212f90b518efd3b8e4d8568f37a7eb9af3e7958d3f1b69a35b4694fd35d4796be2c69a5e2b76042e5a9feadef69604b9762857847531cfe4b17071801db13ad5ff4";

    function test_FixedVector() public view {
        check(SIGNER, VECTOR, true, "the vector");
        assertTrue(!verifier.isValid(SIGNER, keccak256("other"), VECTOR), "another digest");
        check(address(uint160(SIGNER) ^ 1), VECTOR, false, "another signer");
    }

    function test_EveryBitCounts() public view {
        for (uint256 i = 0; i < 128; i += 5) {
            bytes memory broken = VECTOR;
            broken[i] ^= 0x01;
            check(SIGNER, broken, false, "a bit flipped");
        }
    }

    function test_PlainSignature() public view {
        bytes memory good = plainP256(PASSKEY, DIGEST);
        check(passkeyAddress(PASSKEY), good, true, "own");
        check(passkeyAddress(PASSKEY + 1), good, false, "another key's account");
        bytes memory swapped = bytes.concat(
            keyOf(PASSKEY),
            lowP256(PASSKEY + 1, sha256(abi.encodePacked(DIGEST)))
        );
        check(passkeyAddress(PASSKEY), swapped, false, "another key's signature");
        bytes memory unhashed = bytes.concat(keyOf(PASSKEY), lowP256(PASSKEY, DIGEST));
        check(passkeyAddress(PASSKEY), unhashed, false, "over the digest itself");
    }

    function test_HighSIsRefused() public view {
        (bytes32 r, bytes32 s) = vm.signP256(PASSKEY, sha256(abi.encodePacked(DIGEST)));
        if (uint256(s) <= P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        check(passkeyAddress(PASSKEY), bytes.concat(keyOf(PASSKEY), r, s), false, "high s");
    }

    function test_OutOfRange() public view {
        (bytes memory key, address signer) = (keyOf(PASSKEY), passkeyAddress(PASSKEY));
        uint256[4] memory edges = [uint256(0), P256_ORDER, P256_ORDER + 1, type(uint256).max];
        for (uint256 i = 0; i < edges.length; ++i) {
            check(signer, bytes.concat(key, abi.encode(edges[i], uint256(1))), false, "r");
            check(signer, bytes.concat(key, abi.encode(uint256(1), edges[i])), false, "s");
        }
    }

    function test_KeyThatIsNoPoint() public view {
        bytes memory nowhere = abi.encode(uint256(1), uint256(1));
        address signer = address(uint160(uint256(keccak256(nowhere))));
        check(signer, bytes.concat(nowhere, abi.encode(uint256(1), uint256(1))), false, "off the curve");
        bytes memory zeros = new bytes(128);
        check(address(uint160(uint256(keccak256(new bytes(64))))), zeros, false, "infinity");
    }

    function test_Lengths() public view {
        bytes memory good = plainP256(PASSKEY, DIGEST);
        address signer = passkeyAddress(PASSKEY);
        bytes memory short = new bytes(127);
        for (uint256 i = 0; i < 127; ++i) short[i] = good[i];
        check(signer, short, false, "127 bytes");
        for (uint256 more = 1; more < 12; ++more) {
            check(signer, bytes.concat(good, new bytes(more)), false, "beyond 128 bytes");
        }
    }

    /// @dev A key's own answer is final: a wallet at the same address is not asked.
    function test_AnswerIsFinal() public {
        HostileWallet accepting = new HostileWallet(HostileWallet.Mode.Accepts);
        bytes memory bad = bytes.concat(keyOf(PASSKEY), new bytes(64));
        vm.etch(passkeyAddress(PASSKEY), address(accepting).code);
        check(passkeyAddress(PASSKEY), bad, false, "a bad signature of the key");
        check(passkeyAddress(PASSKEY), plainP256(PASSKEY, DIGEST), true, "a good one");
        check(passkeyAddress(PASSKEY), long(KEY), true, "no signature of the key: the wallet is asked");
    }

    function testFuzz_EveryKeySignsForItself(uint256 key, bytes32 digest) public view {
        key = bound(key, 1, P256_ORDER - 1);
        assertTrue(verifier.isValid(passkeyAddress(key), digest, plainP256(key, digest)), "own");
        assertTrue(!verifier.isValid(passkeyAddress(key), ~digest, plainP256(key, digest)), "another digest");
    }
}

contract VerifierPasskeyTest is VerifierTest {
    /// @dev Made once by node:crypto with the key of {VerifierP256Test}: flags 05, counter 7, RP ID `shop.example`, client data
    /// `{"type":"webauthn.get","challenge":"…","origin":"https://pay.shop.example","crossOrigin":false}`.
    address private constant SIGNER = 0x48FA11874cA7fEeea4629D7bbdC05A3bcA9B3D8F;
    bytes private constant VECTOR =
        hex"20ce77bd8e854b8d4a0639310235acea29b865a65dde449dcd3ca09a4d4aee5e5906f509f1c5e98dcdc52094d4977299d4e260f95d22ec208fe1fe2f47937212e448c7b4b7169bbda9603bfcc52776752e9dfa3d6cf1b3b1da25116239aa36525ac4c6d8831d647122d8be129a7578cf2b5047f3653bce69b665b8f2f9b0d94d000100170051000c00250f59463c606c5b0e5d3da81f36e3f7c175ac230c60e75c2144ce3b752247607c05000000077b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2230395173787a4962654733674d4279774e62556675543871614d5a6b42436873454f314f355158414d7851222c226f726967696e223a2268747470733a2f2f7061792e73686f702e6578616d706c65222c2263726f73734f726967696e223a66616c73657d";

    function check(Assertion memory a, bool valid, string memory what) private view {
        check(passkeyAddress(PASSKEY), packed(PASSKEY, a), valid, what);
    }

    function good() private pure returns (Assertion memory) {
        return assertionOf(DIGEST, "https://pay.shop.example", "shop.example");
    }

    function origin(string memory from, string memory rpId, bool valid) private view {
        check(assertionOf(DIGEST, from, rpId), valid, from);
    }

    function test_FixedVector() public view {
        check(SIGNER, VECTOR, true, "the vector");
        assertTrue(!verifier.isValid(SIGNER, keccak256("other"), VECTOR), "another digest");
    }

    function test_EveryBitCounts() public view {
        for (uint256 i = 0; i < VECTOR.length; i += 7) {
            bytes memory broken = VECTOR;
            broken[i] ^= 0x01;
            check(SIGNER, broken, false, "a bit flipped");
        }
    }

    function test_EveryTruncationIsRefused() public view {
        bytes memory cut = VECTOR;
        for (uint256 length = VECTOR.length - 1; length > 64; length -= 3) {
            assembly ("memory-safe") {
                mstore(cut, length)
            }
            check(SIGNER, cut, false, "cut off");
        }
    }

    function test_ClientDataMayHaveMoreInIt() public view {
        Assertion memory a = good();
        a.clientData = string.concat('{"more":[1],', string(bytes.concat(bytes(a.clientData))), "}");
        a.typeIndex += 12;
        a.challengeIndex += 12;
        a.originIndex += 12;
        check(a, true, "moved by 12");
    }

    function test_Type() public view {
        Assertion memory a = good();
        a.typeIndex += 1;
        check(a, false, "one later");
        a.typeIndex = 0;
        check(a, false, "one before");
        a.typeIndex = type(uint16).max;
        check(a, false, "beyond the end");
        a = good();
        bytes memory data = bytes(a.clientData);
        data[find(a.clientData, "webauthn.get") + 9] = "s";
        check(a, false, "webauthn.set");
    }

    function test_Challenge() public view {
        Assertion memory a = good();
        a.challengeIndex += 1;
        check(a, false, "one later");
        a.challengeIndex -= 2;
        check(a, false, "one before");
        a.challengeIndex = type(uint16).max;
        check(a, false, "beyond the end");
        check(
            assertionOf(keccak256("other"), "https://shop.example", "shop.example"),
            false,
            "another digest"
        );
        a = good();
        // A 44th character, where the quote is due.
        a.clientData = string.concat(
            '{"type":"webauthn.get","challenge":"09QsxzIbeG3gMBywNbUfuT8qaMZkBChsEO1O5QXAMxQA","origin":"https://pay.shop.example"}'
        );
        a.challengeIndex = find(a.clientData, '"challenge":"');
        a.originIndex = find(a.clientData, '"origin":"');
        check(a, false, "a longer challenge");
    }

    function test_AuthenticatorDataLength() public view {
        Assertion memory a = good();
        bytes memory whole = a.authenticatorData;
        a.authenticatorData = bytes.concat(whole, hex"a0");
        check(a, true, "38 bytes");
        a.authenticatorData = whole;
        check(a, true, "37 bytes");
        bytes memory short = new bytes(36);
        for (uint256 i = 0; i < 36; ++i) short[i] = whole[i];
        a.authenticatorData = short;
        check(a, false, "36 bytes");
        a.authenticatorData = "";
        check(a, false, "none");
        bytes memory signature = packed(PASSKEY, good());
        (signature[136], signature[137]) = (0xff, 0xff);
        check(passkeyAddress(PASSKEY), signature, false, "longer than all there is");
    }

    function test_Flags() public view {
        for (uint256 flags = 0; flags < 32; ++flags) {
            Assertion memory a = good();
            a.authenticatorData = authenticatorData("shop.example", bytes1(uint8(flags)));
            bool valid = flags & 0x05 == 0x05 && (flags & 0x10 == 0 || flags & 0x08 != 0);
            check(a, valid, "flags");
        }
        Assertion memory more = good();
        more.authenticatorData = authenticatorData("shop.example", 0xc5);
        check(more, true, "extension flags");
    }

    function test_Origins() public view {
        origin("https://shop.example", "shop.example", true);
        origin("https://shop.example:8443", "shop.example", true);
        origin("https://pay.shop.example", "shop.example", true);
        origin("https://a.b.shop.example:1", "shop.example", true);
        origin("https://pay.shop.example", "pay.shop.example", true);
        origin("https://shop.example", "example", true);
        origin("http://localhost", "localhost", true);
        origin("http://localhost:3000", "localhost", true);
        origin("https://localhost:3000", "localhost", true);
    }

    function test_OriginsOfOthers() public view {
        origin("http://shop.example", "shop.example", false);
        origin("https://evilshop.example", "shop.example", false);
        origin("https://shop.example.evil.test", "shop.example", false);
        origin("https://shop.example@evil.test", "shop.example", false);
        origin("https://evil.test/shop.example", "shop.example", false);
        origin("https://shop.example", "pay.shop.example", false);
        origin("https://shop.example", ".example", false);
        origin("http://localhost.evil.test", "evil.test", false);
        origin("http://localhostile", "localhostile", false);
        origin("http://a.localhost", "localhost", false);
        origin("HTTPS://shop.example", "shop.example", false);
        origin("", "", false);
        origin("https://", "", false);
        origin("https://:443", "", false);
        origin("android:apk-key-hash:AAAA", "shop.example", false);
    }

    function test_RelyingParty() public view {
        Assertion memory a = good();
        a.rpIdLength -= 1;
        check(a, false, "one shorter");
        a.rpIdLength += 2;
        check(a, false, "one longer");
        a.rpIdLength = 0;
        check(a, false, "none");
        a.rpIdLength = type(uint16).max;
        check(a, false, "longer than all there is");
        a = good();
        a.authenticatorData = authenticatorData("evil.test", PRESENT | VERIFIED);
        check(a, false, "the hash of another");
        a = good();
        a.authenticatorData = authenticatorData("", PRESENT | VERIFIED);
        a.rpIdLength = 0;
        check(a, false, "the hash of nothing");
    }

    function test_OriginIndex() public view {
        Assertion memory a = good();
        a.originIndex += 1;
        check(a, false, "one later");
        a.originIndex -= 2;
        check(a, false, "one before");
        a.originIndex = uint16(bytes(a.clientData).length);
        check(a, false, "the end");
        a.originIndex += 1;
        check(a, false, "beyond the end");
        a = good();
        a.clientData =
            '{"type":"webauthn.get","challenge":"09QsxzIbeG3gMBywNbUfuT8qaMZkBChsEO1O5QXAMxQ","topOrigin":"https://shop.example"}';
        a.originIndex = find(a.clientData, 'Origin":"') - 1;
        check(a, false, "the top origin is no origin");
    }

    function test_HostLength() public view {
        origin(string.concat("https://", string(host(252))), string(host(252)), true);
        origin(string.concat("https://", string(host(253))), string(host(253)), true);
        origin(string.concat("https://", string(host(254))), string(host(254)), false);
        Assertion memory a = good();
        a.clientData = string.concat(
            '{"type":"webauthn.get","challenge":"09QsxzIbeG3gMBywNbUfuT8qaMZkBChsEO1O5QXAMxQ","origin":"https://shop.example'
        );
        a.originIndex = find(a.clientData, '"origin":"');
        check(a, false, "no end");
    }

    function host(uint256 length) private pure returns (bytes memory name) {
        name = new bytes(length);
        for (uint256 i = 0; i < length; ++i) name[i] = "a";
    }

    function test_HighSIsRefused() public view {
        Assertion memory a = good();
        bytes32 hash = sha256(bytes.concat(a.authenticatorData, sha256(bytes(a.clientData))));
        (bytes32 r, bytes32 s) = vm.signP256(PASSKEY, hash);
        if (uint256(s) <= P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        bytes memory high = packedWith(bytes.concat(keyOf(PASSKEY), r, s), a);
        check(passkeyAddress(PASSKEY), high, false, "high s");
    }

    function testFuzz_NeverRevertsOnAKeysSignature(bytes calldata tail) public view {
        bytes memory signature = bytes.concat(keyOf(PASSKEY), tail);
        check(passkeyAddress(PASSKEY), signature, false, "random");
    }

    function testFuzz_NeverRevertsOnIndices(
        uint16 typeIndex,
        uint16 challengeIndex,
        uint16 originIndex,
        uint16 rpIdLength,
        uint16 dataLength
    ) public view {
        Assertion memory a = good();
        bytes memory head = bytes.concat(keyOf(PASSKEY), new bytes(64));
        bytes memory indices = abi.encodePacked(
            typeIndex,
            challengeIndex,
            originIndex,
            rpIdLength,
            dataLength
        );
        bytes memory signature = bytes.concat(head, indices, a.authenticatorData, bytes(a.clientData));
        check(passkeyAddress(PASSKEY), signature, false, "random indices");
    }
}

contract VerifierWalletTest is VerifierTest {
    WalletMock private wallet;

    function setUp() public override {
        super.setUp();
        wallet = new WalletMock(vm.addr(KEY));
    }

    function hostile(HostileWallet.Mode mode) private returns (address) {
        return address(new HostileWallet(mode));
    }

    function test_AsksTheWallet() public view {
        check(address(wallet), long(KEY), true, "its owner");
        check(address(wallet), long(STRANGER_KEY), false, "a stranger");
        check(address(wallet), "", false, "nothing");
    }

    function test_HostileAnswers() public {
        check(hostile(HostileWallet.Mode.Accepts), "", true, "accepts");
        check(hostile(HostileWallet.Mode.AnswersAtLength), "", true, "accepts at length");
        check(hostile(HostileWallet.Mode.Refuses), "", false, "refuses");
        check(hostile(HostileWallet.Mode.BurnsGas), "", false, "burns gas");
        check(hostile(HostileWallet.Mode.RevertsAtLength), "", false, "reverts at length");
        check(hostile(HostileWallet.Mode.AnswersShort), "", false, "4 bytes");
        check(hostile(HostileWallet.Mode.AnswersDirty), "", false, "dirty");
        address nothing = address(0xC0DE);
        vm.etch(nothing, hex"00");
        check(nothing, "", false, "code that answers nothing");
        vm.etch(nothing, hex"601f5ff3");
        check(nothing, "", false, "31 bytes");
        vm.etch(nothing, hex"631626ba7e60e01b5f52601f5ff3");
        check(nothing, "", false, "31 bytes of the right ones");
        vm.etch(nothing, hex"631626ba7e60e01b5f5260205ff3");
        check(nothing, "", true, "32 bytes of the right ones");
        vm.etch(nothing, hex"631626ba7e5f5260205ff3");
        check(nothing, "", false, "right-aligned");
    }

    /// @dev Its 32 bytes are read, and no more of them is paid for by the caller.
    function test_LongAnswersCostTheWalletOnly() public {
        address accepts = hostile(HostileWallet.Mode.AnswersAtLength);
        address reverts = hostile(HostileWallet.Mode.RevertsAtLength);
        assertTrue(gasOf(accepts) < 230_000, "accepts at length");
        assertTrue(gasOf(reverts) < 230_000, "reverts at length");
    }

    function gasOf(address signer) private view returns (uint256) {
        uint256 before = gasleft();
        verifier.isValid(signer, DIGEST, "");
        return before - gasleft();
    }

    function test_GasCap() public {
        HostileWallet thirsty = new HostileWallet(HostileWallet.Mode.Accepts);
        thirsty.setThirst(190_000);
        check(address(thirsty), "", true, "190,000");
        thirsty.setThirst(210_000);
        check(address(thirsty), "", false, "210,000");
    }

    function test_RevertWhen_TooLittleGasIsLeft() public {
        bytes memory question = abi.encodeCall(verifier.isValid, (address(wallet), DIGEST, long(KEY)));
        bytes4 refusal = ISignatureVerifier.SignatureVerifierOutOfGas.selector;
        // What the wallet may use, what a call keeps back of it, and 5,000 for what comes after.
        assertGasBoundary(
            address(verifier),
            question,
            180_000,
            refusal,
            (uint256(200_000) * 64) / 63 + 5_000
        );
        SignedDigest[] memory all = new SignedDigest[](1);
        all[0] = SignedDigest(address(wallet), DIGEST, long(KEY));
        (bool ok, bytes memory answer) = address(verifier).call{gas: 180_000}(
            abi.encodeCall(verifier.note, (all))
        );
        assertTrue(!ok, "noting with 180,000");
        assertEq(bytes32(bytes4(answer)), bytes32(refusal), "error");
        (ok, answer) = address(verifier).staticcall{gas: 230_000}(question);
        assertTrue(ok && abi.decode(answer, (bool)), "with 230,000");
    }

    /// @dev Where there is no wallet, there is nothing to keep gas for.
    function test_OnlyWalletsNeedTheirGas() public view {
        bytes memory question = abi.encodeCall(verifier.isValid, (vm.addr(KEY), DIGEST, long(STRANGER_KEY)));
        (bool ok, bytes memory answer) = address(verifier).staticcall{gas: 100_000}(question);
        assertTrue(ok && !abi.decode(answer, (bool)), "a stranger's");
    }

    /// @dev However little gas a relayer gives, a good signature is never called bad.
    function testFuzz_GasNeverChangesTheAnswer(uint256 gasGiven) public {
        assertAnsweredOrNot(gasGiven, 65);
    }

    /// @dev Passing on 100,000 bytes costs as much as a fifth of what the wallet may use.
    function testFuzz_GasNeverChangesTheAnswerAboutALongSignature(uint256 gasGiven) public {
        assertAnsweredOrNot(gasGiven, 100_000);
    }

    function assertAnsweredOrNot(uint256 gasGiven, uint256 length) private {
        HostileWallet thirsty = new HostileWallet(HostileWallet.Mode.Accepts);
        thirsty.setThirst(195_000);
        bytes memory question = abi.encodeCall(
            verifier.isValid,
            (address(thirsty), DIGEST, new bytes(length))
        );
        gasGiven = bound(gasGiven, 190_000, 450_000);
        (bool ok, bytes memory answer) = address(verifier).staticcall{gas: gasGiven}(question);
        assertTrue(!ok || abi.decode(answer, (bool)), "no answer, or the right one");
    }

    function testFuzz_RandomBytesAreNobodysSignature(
        address signer,
        bytes32 digest,
        bytes calldata signature
    ) public view {
        if (signer.code.length != 0) return;
        assertTrue(!verifier.isValid(signer, digest, signature), "nobody's");
    }

    function testFuzz_RandomBytesNeverMakeAWalletRevert(
        bytes32 digest,
        bytes calldata signature
    ) public view {
        assertTrue(!verifier.isValid(address(wallet), digest, signature), "not the owner's");
    }
}

contract VerifierNoteTest is VerifierTest {
    function entry(
        address signer,
        bytes32 digest,
        bytes memory signature
    ) private pure returns (SignedDigest memory) {
        return SignedDigest(signer, digest, signature);
    }

    function test_NotesWhatIsValid() public {
        address wallet = address(new WalletMock(vm.addr(KEY)));
        SignedDigest[] memory all = new SignedDigest[](5);
        all[0] = entry(vm.addr(KEY), DIGEST, long(KEY));
        all[1] = entry(vm.addr(KEY + 1), DIGEST, long(KEY));
        all[2] = entry(wallet, DIGEST, long(KEY));
        all[3] = entry(passkeyAddress(PASSKEY), DIGEST, passkey(PASSKEY, DIGEST));
        all[4] = entry(wallet, DIGEST, long(STRANGER_KEY));
        bool[] memory valid = verifier.note(all);
        bool[5] memory expected = [true, false, true, true, false];
        for (uint256 i = 0; i < 5; ++i) assertTrue(valid[i] == expected[i], "answer");
        assertTrue(verifier.isNoted(vm.addr(KEY), DIGEST), "a key");
        assertTrue(!verifier.isNoted(vm.addr(KEY + 1), DIGEST), "a forgery");
        // That another signature of the same signer was bad takes nothing back.
        assertTrue(verifier.isNoted(wallet, DIGEST), "a wallet");
        assertTrue(verifier.isNoted(passkeyAddress(PASSKEY), DIGEST), "a passkey");
        assertTrue(!verifier.isNoted(vm.addr(KEY), ~DIGEST), "another digest");
        assertTrue(!verifier.isNoted(address(0), DIGEST), "nobody");
        assertTrue(!verifier.isNoted(vm.addr(KEY), 0), "nothing");
    }

    function test_NothingIsNotedAtFirst() public {
        assertTrue(!verifier.isNoted(vm.addr(KEY), DIGEST), "not yet");
        assertEq(verifier.note(new SignedDigest[](0)).length, 0, "none");
        verifier.isValid(vm.addr(KEY), DIGEST, long(KEY));
        assertTrue(!verifier.isNoted(vm.addr(KEY), DIGEST), "a look notes nothing");
    }

    /// @dev A wallet is asked once: what it says later changes nothing that was noted.
    function test_AWalletIsAskedOnce() public {
        address fickle = address(new HostileWallet(HostileWallet.Mode.ChangesItsMind));
        SignedDigest[] memory all = new SignedDigest[](1);
        all[0] = entry(fickle, DIGEST, "");
        assertTrue(verifier.note(all)[0], "the first time");
        assertTrue(!verifier.isValid(fickle, DIGEST, ""), "the second time");
        assertTrue(verifier.isNoted(fickle, DIGEST), "noted all the same");
        assertTrue(!verifier.note(all)[0], "asked again");
        assertTrue(verifier.isNoted(fickle, DIGEST), "and noted still");
    }

    function test_HostileWalletsDoNotHinderOthers() public {
        uint256 modes = uint256(type(HostileWallet.Mode).max) + 1;
        SignedDigest[] memory all = new SignedDigest[](2 * modes);
        for (uint256 i = 0; i < modes; ++i) {
            HostileWallet wallet = new HostileWallet(HostileWallet.Mode(i));
            all[2 * i] = entry(address(wallet), DIGEST, "");
            all[2 * i + 1] = entry(vm.addr(KEY + i), DIGEST, long(KEY + i));
        }
        bool[] memory valid = verifier.note(all);
        for (uint256 i = 0; i < modes; ++i) {
            assertTrue(valid[2 * i + 1], "the others");
            assertTrue(valid[2 * i] == verifier.isNoted(all[2 * i].signer, DIGEST), "as it says");
        }
    }
}
