package org.gatefold.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** The vectors for philox4x32 with 10 rounds of DEShawResearch/random123, tests/kat_vectors. */
    @Test
    void givesThePublishedNumbers() {
        assertBlock(new int[6], 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertBlock(new int[] {-1, -1, -1, -1, -1, -1}, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertBlock(
                new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0},
                0xd16cfe09,
                0x94fdcceb,
                0x5001e420,
                0x24126ea1);
    }

    private static void assertBlock(int[] in, int... expected) {
        int[] words = new int[4];
        Philox.block(in[0], in[1], in[2], in[3], in[4], in[5], words);
        assertThat(words).containsExactly(expected);
    }

    @Test
    void wordsAreKeyedBySeedStreamAndIndex() {
        int[] words = new int[4];
        int[] expected = new int[4];
        Philox.words(0x1122334455667788L, 9, 0x0A0B0C0D01020304L, words);
        Philox.block(0x01020304, 0x0A0B0C0D, 9, 0, 0x55667788, 0x11223344, expected);
        assertThat(words).containsExactly(expected);
    }

    @Test
    void uniformNumbersLieInTheirRange() {
        assertThat(Philox.uniform(0)).isZero();
        assertThat(Philox.uniform(255)).isZero();
        assertThat(Philox.uniform(256)).isEqualTo(0x1p-24f);
        assertThat(Philox.uniform(-1)).isEqualTo(1 - 0x1p-24f);
        int[] words = new int[4];
        double sum = 0;
        for (int i = 0; i < 25_000; i++) {
            Philox.words(1, 2, i, words);
            for (int word : words) {
                sum += Philox.uniform(word);
            }
        }
        // Standard error of the mean of 100,000 uniform numbers: 0.0009.
        assertThat(sum / 100_000).isBetween(0.496, 0.504);
    }

    @Test
    void derivedSeedsDiffer() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 10; seed++) {
            for (long first = 0; first < 10; first++) {
                for (long second = 0; second < 10; second++) {
                    seeds.add(Philox.derive(seed, first, second));
                }
            }
        }
        assertThat(seeds).hasSize(1000);
        assertThat(Philox.derive(3, 4, 5)).isEqualTo(Philox.derive(3, 4, 5));
    }
}
