package org.gatefold.backend.cpu;

import org.gatefold.op.recurrent.RecurrentWeights;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/** Addresses of optional arguments. */
final class Addresses {
    private Addresses() {}

    /** 0 for null. */
    static long of(Tensor tensor) {
        return tensor == null ? 0 : tensor.address();
    }

    /** 0 for null, which means all rows at full length. */
    static long of(Lengths lengths) {
        return lengths == null ? 0 : lengths.onDevice().address();
    }

    /** wx, wh and b of every set. */
    static long[] of(RecurrentWeights weights) {
        long[] addresses = new long[3 * weights.sets().size()];
        int at = 0;
        for (RecurrentWeights.Set set : weights.sets()) {
            addresses[at++] = set.wx().address();
            addresses[at++] = set.wh().address();
            addresses[at++] = set.b().address();
        }
        return addresses;
    }
}
