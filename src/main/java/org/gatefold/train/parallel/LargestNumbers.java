package org.gatefold.train.parallel;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** The numbers of largest magnitude among many, told with their places. Stateless. */
public final class LargestNumbers {
    private static final int MAGNITUDE = 0x7FFFFFFF;
    private static final int LOW_BITS = 15;

    private LargestNumbers() {}

    /**
     * Takes the largest numbers out: zeros stay in their place. NaN and infinity come first; of equal ones those in front.
     *
     * @param count of the numbers, at least 1
     * @param most how many are taken, at least 1 and at most {@code count}
     * @return place and number of each, in the order of the places
     */
    public static byte[] take(float[] values, int count, int most) {
        int least = least(values, count, most);
        int equal = most;
        for (int i = 0; i < count; i++) {
            equal -= magnitude(values[i]) > least ? 1 : 0;
        }
        ByteBuffer told = ByteBuffer.allocate(most * (Integer.BYTES + Float.BYTES));
        for (int i = 0; i < count; i++) {
            int magnitude = magnitude(values[i]);
            if (magnitude > least || (magnitude == least && equal-- > 0)) {
                told.putInt(i).putFloat(values[i]);
                values[i] = 0f;
            }
        }
        return told.array();
    }

    /** Bits that are ordered as magnitudes are. */
    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & MAGNITUDE;
    }

    /** The magnitude of the smallest that is among the largest. */
    private static int least(float[] values, int count, int most) {
        int[] high = new int[1 << (31 - LOW_BITS)];
        for (int i = 0; i < count; i++) {
            high[magnitude(values[i]) >>> LOW_BITS]++;
        }
        int left = most;
        int upper = high.length - 1;
        while (high[upper] < left) {
            left -= high[upper];
            upper--;
        }
        int[] low = new int[1 << LOW_BITS];
        for (int i = 0; i < count; i++) {
            int magnitude = magnitude(values[i]);
            if (magnitude >>> LOW_BITS == upper) {
                low[magnitude & (low.length - 1)]++;
            }
        }
        int lower = low.length - 1;
        while (low[lower] < left) {
            left -= low[lower];
            lower--;
        }
        return (upper << LOW_BITS) | lower;
    }

    /**
     * Adds up what all workers have told, in their order.
     *
     * @param told by {@link #take} of each
     * @param sums of which the first {@code count} are written
     * @throws CollectiveException if a place is none of these
     */
    public static void add(List<byte[]> told, float[] sums, int count) {
        Arrays.fill(sums, 0, count, 0f);
        for (byte[] one : told) {
            ByteBuffer numbers = ByteBuffer.wrap(one);
            while (numbers.remaining() >= Integer.BYTES + Float.BYTES) {
                int place = numbers.getInt();
                if (place < 0 || place >= count) {
                    throw new CollectiveException("a worker told number " + place + " of " + count);
                }
                sums[place] += numbers.getFloat();
            }
        }
    }
}
